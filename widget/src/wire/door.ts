/**
 * What is shown at the door that everyone checks: host entries, passes, agent assertions, codes; and bans and orders.
 *
 * Everything signed here is bound to the certificate its holder handshook, so nothing shown can be used by somebody else
 * and proofs have no age. A code is proven and never sent. Invitations are in their own module.
 * Source: PROTOCOL.md 0.7, 9.5, 17.2. Twin: kibitz/wire/door.py.
 */
import { digestText, readBase64url, utf8, writeBase64url } from './base64url.ts'
import { type Decoded, fallback, flag, many, matching, record, shown, text, whole } from './codec.ts'
import { canonical, fingerprint, normalIdentity } from './fingerprints.ts'
import type { PublicKey, SigningKey } from './keys.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { openClaims, runOut, seconds, signClaims, tokenDigest, wrongAge, wrongCertificate, wrongRoom } from './tokens.ts'
import { cut } from './values.ts'

export const HOST_KIND = 'kbz-host.v1'
export const PASS_KIND = 'kbz-pass.v1'
export const AGENT_KIND = 'kbz-agent-key.v1'
export const ORDER_KIND = 'kbz-host-order.v1'
export const CODE_KIND = 'kbz-code.v1'

type Bytes = Uint8Array<ArrayBuffer>

/** Where one checks. handshook: the other side's fingerprint on this very connection; room: normalised. */
interface Here {
  readonly room: string
  readonly handshook: string
}

/** now: epoch seconds; null for a fingerprint that passed before, whose credential may have run out since. */
interface HereAndNow extends Here {
  readonly now: number | null
}

/** A signer's word for one certificate in one room: a host entry or an agent's assertion. */
export const bound = record('bound', {
  room: ['room', text(LIMITS.room_chars)],
  fingerprint: ['fp', fingerprint],
  issuedAt: ['iat', seconds],
})
export type Bound = Decoded<typeof bound>

/** What the host shows; it stands for every rule. */
export const signHostEntry = (value: Bound, host: SigningKey): Promise<string> => signClaims(HOST_KIND, bound, value, host)

/** A host entry. Order: the token's refusals, the fields', `wrong-room`, `wrong-certificate`. */
export const checkHostEntry = async (token: string, host: PublicKey, here: Here): Promise<Bound | Refused> => {
  const found = await openClaims(token, host, { kind: HOST_KIND, claims: bound, maxChars: LIMITS.credential_chars })
  return found instanceof Refused ? found : (elsewhere(found, here) ?? found)
}

const elsewhere = (found: Bound | Pass, here: Here): Refused | null =>
  wrongRoom(found.room, here.room) ?? wrongCertificate(found.fingerprint, here.handshook)

/** The host's ticket for one certificate, at most 12 hours. name: as knocked, perhaps empty; times: epoch seconds. */
export const passClaims = record('pass', {
  room: ['room', text(LIMITS.room_chars)],
  fingerprint: ['fp', fingerprint],
  name: ['name', fallback(shown(LIMITS.name_chars), '')],
  issuedAt: ['iat', seconds],
  expiresAt: ['exp', seconds],
})
export type Pass = Decoded<typeof passClaims>

/** The token of a pass. */
export const signPass = (value: Pass, host: SigningKey): Promise<string> => signClaims(PASS_KIND, passClaims, value, host)

/**
 * A pass. Order: the token's refusals, the fields', `wrong-room`, `wrong-certificate`, `lives-too-long`, `expired`.
 *
 * A pass may neither span nor still have more than 12 h (and how far a clock may be ahead), or one dated in the future
 * would outlive them. now null: a fingerprint that passed before, whose pass may have run out since.
 */
export const checkPass = async (token: string, host: PublicKey, here: HereAndNow): Promise<Pass | Refused> => {
  const found = await openClaims(token, host, { kind: PASS_KIND, claims: passClaims, maxChars: LIMITS.credential_chars })
  if (found instanceof Refused) return found
  return elsewhere(found, here) ?? livesTooLong(found, here.now) ?? runOut(found.expiresAt, here.now) ?? found
}

const livesTooLong = ({ issuedAt, expiresAt }: Pass, now: number | null): Refused | null => {
  const { pass_life_s: life, command_ahead_s: ahead } = LIMITS
  const isLong = expiresAt - issuedAt > life || (now !== null && expiresAt - now > life + ahead)
  return isLong ? new Refused('lives-too-long', 'exp') : null
}

/** What an agent shows. */
export const signAssertion = (value: Bound, agent: SigningKey): Promise<string> => signClaims(AGENT_KIND, bound, value, agent)

/**
 * The allowed key that signed an assertion; its claims are hard checks once a signature fits (9.5).
 *
 * Order: the token's refusals (`token-signature` when no key fits), the fields', `wrong-room`, `wrong-certificate`,
 * `not-yet-valid`, `too-old`. now null: at the door, where what is bound to a certificate has no age (17.2).
 */
export const checkAssertion = async (
  token: string,
  allowed: readonly PublicKey[],
  here: HereAndNow,
): Promise<PublicKey | Refused> => {
  for (const key of allowed) {
    const found = await openClaims(token, key, { kind: AGENT_KIND, claims: bound, maxChars: LIMITS.assertion_chars })
    if (!(found instanceof Refused)) return elsewhere(found, here) ?? stale(found, here.now) ?? key
    if (found.code !== 'token-signature') return found
  }
  return new Refused('token-signature')
}

const stale = (found: Bound, now: number | null): Refused | null =>
  now === null ? null : wrongAge(found.issuedAt, now, { aheadS: LIMITS.command_ahead_s, ageS: LIMITS.assertion_age_s })

// --- codes -------------------------------------------------------------------------------------------------------

export const SALT_BYTES = 16
const MAC_BYTES = 32
/** PBKDF2 for typed codes: 80 bits are made here, the rounds are for those that are not (17.2). */
const ROUNDS = 600_000

/** 32 symbols without look-alikes (2.3), five bits each. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A fresh code of 80 bits in four groups, `7hkm-x2qp-9rtv-w4zc`; random: 16 bytes. */
export const newCode = (random: Uint8Array): string => {
  if (random.length !== LIMITS.code_symbols) throw new RangeError('a code is made of 16 bytes')
  const symbols = [...random].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
  return symbols.replace(/(.{4})(?=.)/g, '$1-')
}

/** What counts of a typed code: NFKC, ASCII letters upper-case, only A-Z and 0-9. */
export const canonicalCode = (typed: string): string =>
  cut(typed, LIMITS.typed_code_chars)
    .toWellFormed()
    .normalize('NFKC')
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()

/** A code fit for a new room, canonical; `code-too-short` under 16 symbols (0.10). */
export const strongCode = (typed: string): string | Refused => {
  const found = canonicalCode(typed)
  return found.length >= LIMITS.code_symbols ? found : new Refused('code-too-short')
}

/** K, 32 bytes: slow on purpose, about 0.2 s, off the page's thread. */
export const codeKey = async (typed: string, salt: Bytes): Promise<Bytes> => {
  const secret = await crypto.subtle.importKey('raw', utf8(canonicalCode(typed)), 'PBKDF2', false, ['deriveBits'])
  const rule = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }
  return new Uint8Array(await crypto.subtle.deriveBits(rule, secret, MAC_BYTES * 8))
}

/** `gch` of a link, by which a page tells at once that a code is wrong. */
export const writeCodeCheck = async (key: Bytes, salt: Bytes): Promise<string> =>
  writeBase64url(Uint8Array.from([...salt, ...(await mac(key, 'kbz-code-check.v1'))]))

/** K2, the key of proofs, when the typed code is the one of `gch`; else `bad-base64`, `bad-value` or `wrong-code`. */
export const openCodeCheck = async (codeCheck: string, typed: string): Promise<Bytes | Refused> => {
  const data = readBase64url(codeCheck)
  if (data instanceof Refused) return data
  if (data.length !== SALT_BYTES + MAC_BYTES) return new Refused('bad-value')
  if (canonicalCode(typed) === '') return new Refused('wrong-code')
  const key = await codeKey(typed, data.slice(0, SALT_BYTES))
  const isRight = await isMac(key, 'kbz-code-check.v1', data.slice(SALT_BYTES))
  return isRight ? proofKey(key) : new Refused('wrong-code')
}

/** K2 of K: it never leaves the browser. */
export const proofKey = (key: Bytes): Promise<Bytes> => mac(key, 'kbz-code-key.v1')

const proofText = (room: string, own: string): string => `${CODE_KIND}|${room}|${canonical(own)}`

/** The proof of a code for one certificate; proving: K2. */
export const codeProof = async (proving: Bytes, room: string, ownFingerprint: string): Promise<string> =>
  writeBase64url(await mac(proving, proofText(room, ownFingerprint)))

/** Why a `code` entry does not count: `wrong-kind`, `bad-base64` or `wrong-code`. proving: one's own K2. */
export const wrongCodeEntry = async (
  entry: { readonly credential: string; readonly proof: string },
  proving: Bytes,
  here: Here,
): Promise<Refused | null> => {
  if (entry.credential !== CODE_KIND) return new Refused('wrong-kind', 'cred')
  const data = readBase64url(entry.proof, 'proof')
  if (data instanceof Refused) return data
  const isRight = await isMac(proving, proofText(here.room, here.handshook), data)
  return isRight ? null : new Refused('wrong-code', 'proof')
}

const macKey = (key: Bytes, use: 'sign' | 'verify'): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [use])

const mac = async (key: Bytes, message: string): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', await macKey(key, 'sign'), utf8(message)))

/** Compared by the platform, in constant time. */
const isMac = async (key: Bytes, message: string, code: Bytes): Promise<boolean> =>
  crypto.subtle.verify('HMAC', await macKey(key, 'verify'), code, utf8(message))

// --- bans and orders ---------------------------------------------------------------------------------------------

/** inv: thumbprint of the guest key, eml: proven address, fp: fingerprint, mid: media id, bid: see browserMark. */
export type BanKind = 'inv' | 'eml' | 'fp' | 'mid' | 'bid'

const asItIs = (value: string): string => value
const NORMAL = { inv: asItIs, eml: normalIdentity, fp: canonical, mid: asItIs, bid: asItIs }

/** An entry of an order's ban list: it names nobody to somebody who has not met them (0.7). */
export const banHash = (kind: BanKind, value: string, room: string): Promise<string> =>
  digestText(`${kind}|${NORMAL[kind](value)}|${room}`)

/** `bid`: what a browser tells of the 16 random bytes it keeps, another in every room (0.7). */
export const browserMark = (secret: Uint8Array, room: string): Promise<string> => digestText(`${writeBase64url(secret)}|${room}`)

/** The host's standing order. bans: at most 256 ban hashes; seq and prev: place in the host's record; times: epoch seconds. */
export const order = record('order', {
  room: ['room', text(LIMITS.room_chars)],
  bans: ['ban', many(matching('[A-Za-z0-9_-]{43}', LIMITS.digest_chars), LIMITS.order_bans)],
  isLocked: ['lock', flag],
  isLobbyOn: ['lobby', flag],
  seq: ['seq', whole()],
  prev: ['prev', fallback(tokenDigest, '')],
  issuedAt: ['iat', seconds],
})
export type Order = Decoded<typeof order>

/** The token of an order. */
export const signOrder = (value: Order, host: SigningKey): Promise<string> => signClaims(ORDER_KIND, order, value, host)

/** An order of this room's host, whatever its age. Order: the token's refusals (32 KiB), the fields', `wrong-room`. */
export const openOrder = async (token: string, host: PublicKey, room: string): Promise<Order | Refused> => {
  const found = await openClaims(token, host, { kind: ORDER_KIND, claims: order, maxChars: LIMITS.order_chars })
  return found instanceof Refused ? found : (wrongRoom(found.room, room) ?? found)
}
