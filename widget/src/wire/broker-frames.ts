/**
 * What the broker reads of a client's frame: its type and where it goes, nothing else.
 *
 * A payload is for the other client, so it has no decoder on this side (server-frames.ts is the client's side).
 * Limit: 64 KiB of UTF-8. Source: PROTOCOL 12.5 and 2.1 (PeerJS's id rule).
 * Twin: kibitz/wire/broker_frames.py.
 */
import { matching, optional, text } from './codec.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { isPlain, readJson } from './values.ts'

/** Groups of letters and digits, each two joined by one space, underscore or dash. */
export const PEER_ID = '[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*'

/** The id of a peer at the broker, at most 64 characters. */
export const peerId = matching(PEER_ID, LIMITS.peer_id_chars)

const TOKEN = /^[!-~]+$/u

/** Whether the broker may give this id to a peer. */
export const validPeerId = (claimed: string): boolean => !(peerId.decode(claimed) instanceof Refused)

/** Whether a peer may bring this to re-attach with: 1 to 128 visible ASCII characters. */
export const validToken = (token: string): boolean => token.length <= LIMITS.broker_token_chars && TOKEN.test(token)

/**
 * A frame as the broker sees it.
 *
 * destination: the peer id it goes to; undefined: it is for the broker (a heartbeat) or for nobody.
 * bringsSrc: it has a field `src` of its own, be it null, which must not reach anybody: who sent it is for the broker to say.
 */
export interface ClientFrame {
  readonly type: string
  readonly destination: string | undefined
  readonly bringsSrc: boolean
}

/** The value of a frame's JSON text; refuses `too-large` (UTF-8 bytes) and what readJson refuses. */
export const readFrame = (frame: string, maxBytes: number): unknown => {
  if (frame.length > maxBytes || new TextEncoder().encode(frame).length > maxBytes) return new Refused('too-large')
  return readJson(frame, maxBytes)
}

const frameType = text(LIMITS.frame_type_chars, 1)
const destination = optional(peerId)

/** Type and destination of a client's frame. Refuses what readFrame refuses, `not-a-record`, and a bad `type` or `dst`. */
export const readClientFrame = (frame: string): ClientFrame | Refused => {
  const value = readFrame(frame, LIMITS.client_frame_bytes)
  if (value instanceof Refused) return value
  if (!isPlain(value)) return new Refused('not-a-record')
  const word = own(value, 'type')
  const type = word === undefined || word === null ? new Refused('missing', 'type') : frameType.decode(word, 'type')
  if (type instanceof Refused) return type
  const to = destination.decode(own(value, 'dst'), 'dst')
  return to instanceof Refused ? to : { type, destination: to, bringsSrc: Object.hasOwn(value, 'src') }
}

const own = (entries: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(entries, key) ? entries[key] : undefined
