import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readClientFrame, validPeerId, validToken } from '../../../widget/src/wire/broker-frames.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { readServerFrame } from '../../../widget/src/wire/server-frames.ts'

describe('broker frames', () => {
  it.each(['a', 'kbz-v1-standup', '0b9c1d1e-5a3f-4c60-9d6e-1f2a3b4c5d6e', 'a b_c-d', 'm'.repeat(64)])('%j is a peer id', (id) => {
    expect(validPeerId(id)).toBe(true)
  })

  it.each(['', '-a', 'a-', 'kbz-v1-', 'a--b', 'a- b', 'a\n', ' a', 'é', '\u0661', 'a.b', 'm'.repeat(65)])('%j is none', (id) => {
    expect(validPeerId(id)).toBe(false)
  })

  it('knows tokens', () => {
    expect(['k3j4h5k2j3h', '~'.repeat(128)].every(validToken)).toBe(true)
    expect(['', ' ', 'a b', 'a\n', 'é', 't'.repeat(129)].some(validToken)).toBe(false)
  })

  it('does not look at payloads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (payload) => {
        const frame = JSON.stringify({ payload, type: 'OFFER', dst: 'kbz-v1-standup' })
        expect(readClientFrame(frame)).toEqual({ type: 'OFFER', destination: 'kbz-v1-standup', bringsSrc: false })
      }),
    )
  })

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        readClientFrame(text)
        readServerFrame(text)
      }),
    )
  })

  it('counts bytes, half characters too', () => {
    const [head, tail] = ['{"type":"A","payload":"', '"}']
    const room = 65_536 - head.length - tail.length
    const frame = (payload: string) => readClientFrame(head + payload + tail)
    expect(frame('\ud83d'.repeat(Math.floor(room / 3)))).toMatchObject({ type: 'A' })
    expect(frame(`${'\ud83d'.repeat(Math.floor(room / 3))}xx`)).toEqual(new Refused('too-large'))
    expect(frame('😀'.repeat(Math.floor(room / 4)))).toMatchObject({ type: 'A' })
  })

  it('reads what the broker says', () => {
    expect(readServerFrame('{"type":"OPEN"}')).toEqual({ kind: 'opened' })
    expect(readServerFrame('{"type":"EXPIRE","src":"a","dst":"b"}')).toEqual({ kind: 'expired', source: 'a' })
    expect(readServerFrame('{"type":"NEWS"}')).toEqual(new Refused('unknown-kind', 'type'))
  })
})
