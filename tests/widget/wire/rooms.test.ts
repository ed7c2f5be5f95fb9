import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Raw } from '../../../widget/src/wire/link-params.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import {
  gxPeerId,
  NEW_ROOM_BYTES,
  newRoom,
  normalise,
  peerId,
  RESERVED,
  roomId,
  typedRoomId,
  WORDS,
} from '../../../widget/src/wire/rooms.ts'
import door from '../../vectors/kibitz-door.json' with { type: 'json' }
import frozen from '../../vectors/kibitz-v1.json' with { type: 'json' }

interface Vectors {
  readonly gx_peer_id: readonly (readonly [room: string, raw: Raw, hashed: string])[]
  readonly new_room: readonly (readonly [random: string, room: string])[]
  readonly new_room_missing: readonly string[]
}
// Read here, since the bundler's JSON knows no half characters; the shape is that of the file.
const ours = JSON.parse(readFileSync('tests/vectors/links.json', 'utf8')) as Vectors

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const anyText = fc.string({ unit: 'binary' })

describe('a room name', () => {
  it.each(frozen.room_id)('%j is normalised as frozen', (typed, room) => {
    expect(normalise(typed ?? '')).toBe(room)
  })

  it('is stable, short, and what PeerJS takes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const room = normalise(text)
        expect(normalise(room)).toBe(room)
        expect(room).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/)
        expect(room.length).toBeLessThanOrEqual(40)
      }),
    )
  })

  it('takes ASCII letters from two others only', () => {
    const found: string[] = []
    for (let code = 0x80; code < 0x110000; code += 1) if (normalise(String.fromCodePoint(code))) found.push(code.toString(16))
    expect(found).toEqual(['130', '212a'])
  })

  it.each([...RESERVED])('%s is a page', (word) => {
    expect(roomId(`  ${word.toUpperCase()}!`)).toEqual(new Refused('room-reserved'))
    expect(typedRoomId(word)).toEqual(new Refused('room-reserved'))
    expect(roomId(`${word}s`)).toBe(`${word}s`)
  })

  it('is cut in a link, and refused when a person typed too much', () => {
    const long = `${'a'.repeat(39)} b c`
    expect(roomId(long)).toBe('a'.repeat(39))
    expect(typedRoomId(long)).toEqual(new Refused('room-too-long'))
    expect(typedRoomId('a'.repeat(40))).toBe('a'.repeat(40))
    expect(typedRoomId('☕')).toEqual(new Refused('room-empty'))
  })
})

describe('the id a room meets under', () => {
  it.each(frozen.peer_id)('of %s is frozen', (room, id) => {
    expect(peerId(room ?? '')).toBe(id)
  })

  it('is as frozen behind the door', async () => {
    expect(await gxPeerId('standup', Object.entries(door.room_peer_id.link))).toBe(door.room_peer_id.id)
  })

  it('hashes what the link says', async () => {
    for (const [room, raw, hashed] of ours.gx_peer_id) {
      const hex = createHash('sha256').update(hashed).digest('hex')
      expect(await gxPeerId(room, raw)).toBe(`kbz-x1-${hex.slice(0, 40)}`)
    }
  })
})

describe('a fresh code', () => {
  it.each(ours.new_room)('of %s', (random, room) => {
    expect(newRoom(bytes(random))).toBe(room)
  })

  it.each(ours.new_room_missing)('asks for more than "%s"', (random) => {
    expect(newRoom(bytes(random))).toEqual(new Refused('missing', 'random'))
  })

  it('is a room', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: NEW_ROOM_BYTES, maxLength: NEW_ROOM_BYTES }), (random) => {
        const room = newRoom(random)
        fc.pre(typeof room === 'string')
        expect(typedRoomId(String(room))).toBe(room)
      }),
    )
  })

  it('has 128 short words, none of them a page', () => {
    expect(new Set(WORDS).size).toBe(128)
    for (const word of WORDS) {
      expect(word).toMatch(/^[a-z]{3,7}$/)
      expect(RESERVED.has(word)).toBe(false)
    }
  })
})
