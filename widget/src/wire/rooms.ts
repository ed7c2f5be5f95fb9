/**
 * The name of a room: normalised, refused when it names nothing, and turned into the PeerJS id the room meets under.
 *
 * Invariant: a name is normalised until stable, so the id never ends in a dash and normalising twice changes nothing.
 * Limit: 40 characters of a-z, 0-9 and dashes. Source: PROTOCOL.md 0.1, 2 and 17.1.
 * Twin: kibitz/wire/rooms.py.
 */
import words from '../../../kibitz/wire/words.json' with { type: 'json' }
import { LIMITS } from './limits.ts'
import { first, type Raw } from './link-params.ts'
import { Refused } from './refusal.ts'

/** Names of pages, never rooms (PROTOCOL.md 2.3). */
export const RESERVED: ReadonlySet<string> = new Set(
  'new install uninstall privacy terms security relay setup docs extension help wake'.split(' '),
)

/** First halves of fresh room codes: 128, so that seven bits of one byte choose without bias. */
export const WORDS: readonly string[] = words

/** Random bytes a fresh code asks for: 11 are used, the rest stand in for those that would bias the choice (1 in 64). */
export const NEW_ROOM_BYTES = 32

const FIGURES = '0123456789abcdefghijklmnopqrstuvwxyz'
const CODE_CHARS = 10
/** The largest multiple of 36 that a byte reaches: bytes below it choose each figure equally often. */
const EVEN_BELOW = 252

const DOOR_KEYS = ['g', 'gk', 'gm', 'ge', 'gc', 'gi', 'gei', 'gch', 'gh', 'gho', 'gl'] as const

const dashed = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** The name a text stands for, perhaps empty (PROTOCOL.md 2.1): `  Hello, World!  ` is `hello-world`. */
export const normalise = (text: string): string => dashed(text).slice(0, LIMITS.room_chars).replace(/-$/, '')

/** The room of a link, cut to 40 so that old links open. Refuses `room-empty`, `room-reserved`. */
export const roomId = (text: string): string | Refused => {
  const name = normalise(text)
  if (!name) return new Refused('room-empty')
  return RESERVED.has(name) ? new Refused('room-reserved') : name
}

/** The room a person typed; what would be cut is refused instead. As roomId, and `room-too-long`. */
export const typedRoomId = (text: string): string | Refused =>
  dashed(text).length > LIMITS.room_chars ? new Refused('room-too-long') : roomId(text)

/** The PeerJS id of a room without `gx`. room: normalised. Frozen (PROTOCOL.md 2.2). */
export const peerId = (room: string): string => `kbz-v1-${room}`

/**
 * The PeerJS id of a `gx` room: another rule at the door is another place (PROTOCOL.md 17.1).
 * room: normalised. raw: the link's parameters as they stand; first occurrence, empty counts as absent.
 */
export const gxPeerId = async (room: string, raw: Raw): Promise<string> => {
  const rules = DOOR_KEYS.flatMap((key) => {
    const value = first(raw, key)
    return value ? [`${key}=${value}`] : []
  })
  const named = new TextEncoder().encode(`kbz-room.v1|${room}|${rules.join('&')}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', named))
  const hex = Array.from(digest.subarray(0, 20), (byte) => byte.toString(16).padStart(2, '0'))
  return `kbz-x1-${hex.join('')}`
}

/**
 * A fresh code that nobody guesses, `<word>-<10 of a-z0-9>`: 51 bits after the word (PROTOCOL.md 2.3).
 * random: NEW_ROOM_BYTES from a cryptographic source; refuses `missing` when too few of them are usable.
 */
export const newRoom = (random: Uint8Array): string | Refused => {
  const usable = [...random.subarray(1)].filter((byte) => byte < EVEN_BELOW).slice(0, CODE_CHARS)
  if (usable.length < CODE_CHARS) return new Refused('missing', 'random')
  const word = WORDS[(random[0] ?? 0) % WORDS.length] ?? ''
  return `${word}-${usable.map((byte) => FIGURES[byte % FIGURES.length]).join('')}`
}
