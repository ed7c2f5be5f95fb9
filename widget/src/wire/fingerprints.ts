/**
 * Certificate fingerprints and what is bound to them: SHA-256 over the DER, 32 pairs of hex digits with colons.
 *
 * The canonical form is trimmed and lower-case; only that is compared, hashed or signed. Limit: lower-casing and NFKC of
 * identities follow the Unicode version of the runtime. Source: PROTOCOL.md 0.30, 8.1, 9.3 (mh), 11.1; RFC 8122.
 * Twin: kibitz/wire/fingerprints.py.
 */
import { digestText } from './base64url.ts'
import type { Codec } from './codec.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

const CANONICAL = /^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/
const SDP_LINE = 'a=fingerprint:'

/** Trimmed and lower-case; colons and what else is inside stay (8.1). */
export const canonical = (text: string): string => text.toWellFormed().trim().toLowerCase()

/** A fingerprint in canonical form, else `bad-fingerprint`. */
export const fingerprint: Codec<string> = {
  decode: (value, where = '') => {
    if (typeof value !== 'string') return new Refused('wrong-type', where)
    const found = value.length <= LIMITS.fingerprint_chars ? canonical(value) : ''
    return CANONICAL.test(found) ? found : new Refused('bad-fingerprint', where)
  },
  encode: (value) => value,
}

/**
 * The one fingerprint of a session description (0.30).
 *
 * Refuses `too-large`, `no-fingerprint` (none, or not sha-256), `many-fingerprints` (more than one distinct value over
 * all sections, another hash counts as another value), `bad-fingerprint`.
 */
export const fingerprintOfSdp = (sdp: string): string | Refused => {
  if (sdp.length > LIMITS.sdp_chars) return new Refused('too-large')
  const lines = sdp.split('\n').filter((line) => line.startsWith(SDP_LINE))
  const [value, ...others] = new Set(lines.map((line) => canonical(line.slice(SDP_LINE.length))))
  if (value === undefined) return new Refused('no-fingerprint')
  if (others.length > 0) return new Refused('many-fingerprints')
  const space = value.indexOf(' ')
  const algorithm = space < 0 ? value : value.slice(0, space)
  return algorithm === 'sha-256' ? fingerprint.decode(space < 0 ? '' : value.slice(space + 1)) : new Refused('no-fingerprint')
}

/** What an ID token must echo to be bound to a certificate; room: normalised, empty for none (11.1). */
export const nonce = async (ownFingerprint: string, room: string): Promise<string | Refused> => {
  const found = fingerprint.decode(ownFingerprint)
  if (found instanceof Refused) return found
  return digestText(room ? `${found}|${room}` : found)
}

/** An address or a name as it is compared: NFKC, trimmed, lower-case (9.3). */
export const normalIdentity = (identity: string): string => identity.toWellFormed().normalize('NFKC').trim().toLowerCase()

/** An entry of a hashed guest list (`mh`, 9.3). */
export const memberHash = (identity: string, room: string): Promise<string> => digestText(`${normalIdentity(identity)}|${room}`)
