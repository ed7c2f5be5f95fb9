/**
 * Signing keys: ECDSA P-256 as JSON Web Keys (RFC 7517, RFC 7518 6.2), read strictly, named by their thumbprint.
 *
 * A key that was read is usable: x and y are 32 bytes each and the point is on the curve. A public key never holds `d`.
 * As importers of WebCrypto do, `ext` must not be false and `key_ops`, where given, must allow the use. Other members
 * are dropped. Source: PROTOCOL.md 9, 9.5, 17.2. Twin: kibitz/wire/keys.py.
 */
import { digestText, readBase64url, readUtf8, utf8, writeBase64url } from './base64url.ts'
import { type Codec, flag, join, many, oneOf, optional, record, text } from './codec.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { isPlain, readJson } from './values.ts'

/** The curve P-256, y² = x³ - 3x + b over the prime p, and its order n (SEC 2, 2.4.2). */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const NUMBER_BYTES = 32
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }

/** How a signature is made and checked, by these names in WebCrypto. */
export const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }

/** A point on P-256; x and y as base64url of 32 bytes. */
export interface PublicKey {
  readonly x: string
  readonly y: string
}

/** A public key and its scalar d, base64url of 32 bytes. */
export interface PrivateKey {
  readonly public: PublicKey
  readonly d: string
}

/** Signs and shows nothing; a browser can keep it. */
export type SigningKey = CryptoKey

const number: Codec<string> = {
  decode: (value, where = '') => {
    if (typeof value !== 'string') return new Refused('wrong-type', where)
    const data = readBase64url(value, where)
    if (data instanceof Refused) return data
    return data.length === NUMBER_BYTES ? value : new Refused('bad-key', where)
  },
  encode: (value) => value,
}

const wholeNumber = (written: string): bigint => {
  const data = readBase64url(written)
  if (data instanceof Refused) return -1n
  return data.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

const jwk = record('jwk', {
  kty: ['kty', oneOf('EC')],
  crv: ['crv', oneOf('P-256')],
  x: ['x', number],
  y: ['y', number],
  ext: ['ext', optional(flag)],
  keyOps: ['key_ops', optional(many(text(LIMITS.key_op_chars), LIMITS.key_ops))],
})

const readPoint = (value: unknown, where: string, use: 'sign' | 'verify'): PublicKey | Refused => {
  const found = jwk.decode(value, where)
  if (found instanceof Refused) return found
  if (found.ext === false) return new Refused('key-use', join(where, 'ext'))
  if (found.keyOps && !found.keyOps.includes(use)) return new Refused('key-use', join(where, 'key_ops'))
  return isOnCurve(found.x, found.y) ? { x: found.x, y: found.y } : new Refused('bad-key', where)
}

const isOnCurve = (writtenX: string, writtenY: string): boolean => {
  const x = wholeNumber(writtenX)
  const y = wholeNumber(writtenY)
  return x < P && y < P && (y * y - x * x * x + 3n * x - B) % P === 0n
}

/** The scalar of a JWK, null when there is none. */
const scalarOf = (value: unknown): unknown => (isPlain(value) && Object.hasOwn(value, 'd') ? (value['d'] ?? null) : null)

const publicJwk = (key: PublicKey) => ({ kty: 'EC', crv: 'P-256', x: key.x, y: key.y }) as const

/** A public JWK. Refuses `private-key`, `bad-base64`, `bad-key`, `key-use` and what a record refuses. */
export const publicKey: Codec<PublicKey> = {
  decode: (value, where = '') =>
    scalarOf(value) === null ? readPoint(value, where, 'verify') : new Refused('private-key', join(where, 'd')),
  encode: publicJwk,
}

/** A private JWK (the plaintext of `ghk`). Whether d belongs to x and y is found by signingKey. */
export const privateKey: Codec<PrivateKey> = {
  decode: (value, where = '') => {
    const point = readPoint(value, where, 'sign')
    if (point instanceof Refused) return point
    const path = join(where, 'd')
    const scalar = scalarOf(value)
    const d = scalar === null ? new Refused('missing', path) : number.decode(scalar, path)
    return d instanceof Refused ? d : privateFromScalar(d, point, path)
  },
  encode: (key) => ({ ...publicJwk(key.public), d: key.d }),
}

/** A private key from `gtk` or `gkd` (base64url of 32 bytes) and the public key it belongs to; `bad-base64`, `bad-key`. */
export const privateFromScalar = (scalar: string, point: PublicKey, where = ''): PrivateKey | Refused => {
  const d = number.decode(scalar, where)
  if (d instanceof Refused) return d
  const value = wholeNumber(d)
  return value > 0n && value < ORDER ? { public: point, d } : new Refused('bad-key', where)
}

/**
 * Ready to sign, or `bad-key` when d does not belong to x and y.
 *
 * Engines differ in what they check at import, so the key signs once and its public half must agree.
 */
export const signingKey = async (key: PrivateKey): Promise<SigningKey | Refused> => {
  const probe = utf8('kibitz')
  try {
    const made = await crypto.subtle.importKey('jwk', { ...publicJwk(key.public), d: key.d }, CURVE, false, ['sign'])
    const signature = new Uint8Array(await crypto.subtle.sign(ECDSA, made, probe))
    const fits = await crypto.subtle.verify(ECDSA, await verifyingKey(key.public), signature, probe)
    return fits ? made : new Refused('bad-key')
  } catch {
    return new Refused('bad-key') // importKey rejects what is no key pair, with an error that differs by engine
  }
}

/** Ready to verify. */
export const verifyingKey = (key: PublicKey): Promise<CryptoKey> =>
  crypto.subtle.importKey('jwk', publicJwk(key), CURVE, true, ['verify'])

/** The id of a key: base64url SHA-256 of its JSON with crv, kty, x, y in that order (RFC 7638; PROTOCOL 9.5). */
export const thumbprint = (key: PublicKey): Promise<string> =>
  digestText(`{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`)

/** A public key as a link carries it (`gk`, `gh`): base64url of its JSON. */
export const writeKeyText = (key: PublicKey): string => writeBase64url(utf8(JSON.stringify(publicJwk(key))))

/** The public key of `gk` or `gh`: at most 1024 characters of base64url, holding JSON. */
export const readKeyText = (written: string): PublicKey | Refused => {
  if (written.length > LIMITS.link_key_chars) return new Refused('too-long')
  const data = readBase64url(written)
  if (data instanceof Refused) return data
  const json = readUtf8(data)
  const value = json === null ? new Refused('not-json') : readJson(json)
  return value instanceof Refused ? value : publicKey.decode(value)
}
