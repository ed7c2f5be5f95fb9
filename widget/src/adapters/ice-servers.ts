/**
 * The STUN and TURN servers of our own site (PROTOCOL 12.2). Never somebody else's: without an answer there are none, and
 * people meet where a direct path exists (0.32).
 */
import { type Codec, many, optional, record, text } from '../wire/codec.ts'
import { Refused } from '../wire/refusal.ts'

/** PROTOCOL 6.1: how long joining waits for them. */
const PATIENCE_MS = 5_000
/** RFC 7064 and 7065 addresses are short; a site has a handful. */
const ADDRESS_CHARS = 256
const SERVERS = 16

const address = text(ADDRESS_CHARS, 1)
const addresses: Codec<readonly string[]> = {
  decode: (value, where) => many(address, SERVERS).decode(typeof value === 'string' ? [value] : value, where),
  encode: (found) => found,
}
const answer = record('turn-answer', {
  servers: [
    'iceServers',
    optional(
      many(
        record('ice-server', {
          urls: ['urls', addresses],
          username: ['username', optional(text(ADDRESS_CHARS))],
          credential: ['credential', optional(text(ADDRESS_CHARS))],
        }),
        SERVERS,
      ),
    ),
  ],
})

export const fetchIceServers = async (origin: string): Promise<readonly RTCIceServer[]> => {
  try {
    const options: RequestInit = { credentials: 'omit', signal: AbortSignal.timeout(PATIENCE_MS) }
    const found = answer.decode(await (await fetch(`${origin}/api/turn`, options)).json())
    return found instanceof Refused ? [] : (found.servers ?? []).map(iceServer)
  } catch {
    return [] // no answer, or none that is JSON: the same as having no servers
  }
}

const iceServer = (told: {
  urls: readonly string[]
  username?: string | undefined
  credential?: string | undefined
}): RTCIceServer => ({
  urls: [...told.urls],
  ...(told.username !== undefined && { username: told.username }),
  ...(told.credential !== undefined && { credential: told.credential }),
})
