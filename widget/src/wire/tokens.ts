/**
 * The signed text `body.sig`: base64url JSON, a dot, base64url of a raw 64-byte ECDSA P-256 / SHA-256 signature.
 *
 * What is signed are the ASCII bytes of the body as written, never the JSON read from it; nothing of a body is believed
 * before its signature held. There is no header and no algorithm to choose. Source: PROTOCOL.md 9.0.
 * Also the checks that the claims of several kinds share. Twin: kibitz/wire/tokens.py.
 */
import { digestText, readBase64url, readUtf8, utf8, writeBase64url } from './base64url.ts'
import { type Codec, finite, matching } from './codec.ts'
import { canonical } from './fingerprints.ts'
import { ECDSA, type PublicKey, type SigningKey, verifyingKey } from './keys.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { isPlain, readJson } from './values.ts'

const SIGNATURE_BYTES = 64

type Payload = Readonly<Record<string, unknown>>

/** A time in claims: epoch seconds. Older peers may write fractions. */
export const seconds: Codec<number> = finite

/** `prev`: base64url SHA-256 of the token before, empty for the first. */
export const tokenDigest: Codec<string> = matching('(?:[A-Za-z0-9_-]{43})?', LIMITS.digest_chars)

/** body.sig over the payload, its keys in the given order. */
export const signToken = async (payload: Payload, key: SigningKey): Promise<string> => {
  const body = writeBase64url(utf8(JSON.stringify(payload)))
  const signature = new Uint8Array(await crypto.subtle.sign(ECDSA, key, utf8(body)))
  return `${body}.${writeBase64url(signature)}`
}

/** The payload of a token signed with key. Order: `too-long`, `token-malformed`, `token-signature`, the JSON's refusals. */
export const openToken = async (token: string, key: PublicKey, maxChars: number): Promise<Payload | Refused> => {
  if (token.length > maxChars) return new Refused('too-long')
  const dot = token.indexOf('.')
  const body = dot < 0 ? '' : token.slice(0, dot)
  const data = readBase64url(body)
  const signature = readBase64url(token.slice(dot + 1))
  if (data instanceof Refused || signature instanceof Refused) return new Refused('token-malformed')
  if (data.length === 0 || signature.length !== SIGNATURE_BYTES) return new Refused('token-malformed')
  const holds = await crypto.subtle.verify(ECDSA, await verifyingKey(key), signature, utf8(body))
  return holds ? readPayload(data) : new Refused('token-signature')
}

const readPayload = (data: Uint8Array): Payload | Refused => {
  const json = readUtf8(data)
  const payload = json === null ? new Refused('not-json') : readJson(json)
  if (payload instanceof Refused) return payload
  return isPlain(payload) ? payload : new Refused('not-a-record')
}

/** A token of claims of a kind: `k` first, then the table's fields. */
export const signClaims = <T>(kind: string, claims: Codec<T>, value: T, key: SigningKey): Promise<string> =>
  signToken({ k: kind, ...fields(claims, value) }, key)

/** A token of claims that name no kind: invitations and manifests. */
export const signRecord = <T>(claims: Codec<T>, value: T, key: SigningKey): Promise<string> =>
  signToken(fields(claims, value), key)

const fields = <T>(claims: Codec<T>, value: T): Payload => {
  const written = claims.encode(value)
  if (!isPlain(written)) throw new TypeError('claims are written as a record')
  return written
}

interface Expected<T> {
  readonly kind: string
  readonly claims: Codec<T>
  readonly maxChars: number
}

/** The claims of a token of a kind: what openToken refuses, `wrong-kind` at `k`, what the table refuses. */
export const openClaims = async <T>(token: string, key: PublicKey, expected: Expected<T>): Promise<T | Refused> => {
  const payload = await openToken(token, key, expected.maxChars)
  if (payload instanceof Refused) return payload
  const kind = Object.hasOwn(payload, 'k') ? payload['k'] : undefined
  return kind === expected.kind ? expected.claims.decode(payload, '') : new Refused('wrong-kind', 'k')
}

/** The claims of a token that names no kind; one that does was signed for another purpose and is `wrong-kind` at `k`. */
export const openRecord = async <T>(token: string, key: PublicKey, expected: Omit<Expected<T>, 'kind'>): Promise<T | Refused> => {
  const payload = await openToken(token, key, expected.maxChars)
  if (payload instanceof Refused) return payload
  return Object.hasOwn(payload, 'k') ? new Refused('wrong-kind', 'k') : expected.claims.decode(payload, '')
}

/** base64url SHA-256 of a whole token: what `prev` names. */
export const tokenId = (token: string): Promise<string> => digestText(token)

/** base64url SHA-256 of what is signed. Of one ECDSA signature anybody can make a second one, of the body nobody can. */
export const bodyId = (token: string): Promise<string> => digestText(token.split('.', 1)[0] ?? '')

/** `wrong-room` unless both are the same normalised room. */
export const wrongRoom = (claimed: string, room: string): Refused | null =>
  claimed === room ? null : new Refused('wrong-room', 'room')

/** `wrong-certificate` unless the claim names the certificate of this connection (8.1, canonical form). */
export const wrongCertificate = (claimed: string, fingerprint: string): Refused | null =>
  claimed === canonical(fingerprint) ? null : new Refused('wrong-certificate', 'fp')

/** `expired` from the second expiresAt on; now null: an earlier check of the same fingerprint counts (17.2). */
export const runOut = (expiresAt: number, now: number | null): Refused | null =>
  now === null || now < expiresAt ? null : new Refused('expired', 'exp')

interface Age {
  readonly aheadS: number
  readonly ageS: number
}

/** `not-yet-valid` when issued more than aheadS in the future, `too-old` when more than ageS ago (9.4, 9.5). */
export const wrongAge = (issuedAt: number, now: number, most: Age): Refused | null => {
  if (issuedAt - now > most.aheadS) return new Refused('not-yet-valid', 'iat')
  return now - issuedAt > most.ageS ? new Refused('too-old', 'iat') : null
}
