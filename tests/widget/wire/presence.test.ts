import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toParticipant } from '../../../widget/src/wire/coordination.ts'
import { toCoordinator } from '../../../widget/src/wire/presence.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

const VOICE = { t: 'voice', on: true, cam: false, name: 'Ada' }

describe('the presence star', () => {
  it('reads an older build', () => {
    expect(toCoordinator.decode(VOICE)).toEqual({ kind: 'announce', isInCall: true, hasCamera: false, name: 'Ada' })
  })

  it('reads what PeerJS makes of absent fields', () => {
    const sent = { ...VOICE, avatar: undefined, voiceId: null, meta: { a: undefined } }
    expect(toCoordinator.decode(sent)).toMatchObject({
      kind: 'announce',
      avatar: undefined,
      mediaId: undefined,
      meta: { app: {} },
    })
  })

  it('tells an engine from the meta of the application', () => {
    const found = toCoordinator.decode({ ...VOICE, meta: { role: 'agent', '~kbz': { v: '1.0', f: ['hb.v2', 5], p: 2 } } })
    expect(found).toMatchObject({ meta: { app: { role: 'agent' }, engine: { version: '1.0', tags: ['hb.v2'], generation: 2 } } })
  })

  it('leaves nobody out for a meta that is too large, or a microphone it cannot read', () => {
    const told = { role: 'agent', notes: 'x'.repeat(5000), '~kbz': { v: '0.1.0' } }
    const meta = { app: { role: 'agent' }, engine: { kind: 'engine', version: '0.1.0', tags: [] } }
    expect(toCoordinator.decode({ ...VOICE, meta: told, mic: '?' })).toEqual({
      kind: 'announce',
      isInCall: true,
      hasCamera: false,
      name: 'Ada',
      meta,
    })
    const members = [{ id: 'a', name: 'A', cam: true, mic: 1, meta: told }]
    expect(toParticipant.decode({ t: 'roster', members })).toMatchObject({ members: [{ mediaId: 'a', meta }] })
  })

  it('leaves nobody out for what older builds pack into a meta', () => {
    const face = new Uint8Array(1)
    expect(toCoordinator.decode({ ...VOICE, meta: { role: 'agent', face } })).toMatchObject({ meta: { app: { role: 'agent' } } })
    for (const meta of [face, Object.create({ role: 'agent' }), [{ role: 'agent' }]]) {
      expect(toCoordinator.decode({ ...VOICE, meta })).toMatchObject({ kind: 'announce', meta: undefined })
    }
  })

  it('takes an identity of the host application for a seat token', () => {
    expect(toCoordinator.decode({ ...VOICE, token: 't'.repeat(2048) })).toMatchObject({ seatToken: 't'.repeat(2048) })
    expect(toCoordinator.decode({ ...VOICE, token: 't'.repeat(2049) })).toEqual(new Refused('too-long', 'token'))
  })

  it('says where a credential is too long', () => {
    expect(toCoordinator.decode({ ...VOICE, jwt: 'j'.repeat(8193) })).toEqual(new Refused('too-long', 'jwt'))
  })

  it('writes both forms of a host command', () => {
    const command = { kind: 'command', operation: 'lock', issuedAt: 5, commandId: '0'.repeat(24) } as const
    expect(toCoordinator.encode({ kind: 'plain-command', command })).toEqual({
      t: 'mod',
      cmd: { op: 'lock', iat: 5, jti: '0'.repeat(24) },
    })
    expect(toCoordinator.encode({ kind: 'signed-command', token: 'a.b' })).toEqual({ t: 'mod', token: 'a.b' })
  })

  it('needs no words for what is not so', () => {
    expect(toParticipant.encode({ kind: 'roster', members: [] })).toEqual({ t: 'roster', members: [], host: '' })
    expect(toParticipant.encode({ kind: 'ping' })).toEqual({ t: 'ping' })
  })

  it('does not let one unreadable member hide the others', () => {
    const members = [{ id: 'a', name: 'A', cam: true }, { id: 'bad-', name: 'B', cam: true }, Number.NaN]
    expect(toParticipant.decode({ t: 'roster', members })).toMatchObject({ members: [{ mediaId: 'a' }] })
  })

  it('can show every name and send it on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const found = toCoordinator.decode({ ...VOICE, name })
        if (found instanceof Refused || found.kind !== 'announce') throw found
        expect(found.name.length).toBeGreaterThan(0)
        expect(found.name.length).toBeLessThanOrEqual(64)
        expect(toCoordinator.decode(toCoordinator.encode(found))).toEqual(found)
      }),
    )
  })
})
