/**
 * A text locked with a password: the host's private key (`ghk`) and a manifest for one group (`ge`).
 *
 * version(1) | salt(16) | iv(12) | AES-256-GCM with its 16-byte tag, as base64url. The key is PBKDF2-HMAC-SHA256 over the
 * NFKC password: slow on purpose, about 0.2 s, off the page's thread. Wrong password and changed bytes cannot be told
 * apart. Limit: NFKC follows the Unicode version of the runtime. Source: PROTOCOL.md 9.1. Twin: kibitz/wire/seal.py.
 */
import { readBase64url, readUtf8, utf8, writeBase64url } from './base64url.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

export type Version = 1 | 2

/** Rounds of PBKDF2 by version byte. We write 2 and read both. */
export const ITERATIONS: { readonly [V in Version]: number } = { 1: 210_000, 2: 600_000 }

export const SALT_BYTES = 16
export const IV_BYTES = 12
const TAG_BYTES = 16
const KEY_BITS = 256
const HEAD_BYTES = 1 + SALT_BYTES + IV_BYTES

type Bytes = Uint8Array<ArrayBuffer>

/** The 32-byte key of a password. */
export const sealKey = async (passphrase: string, salt: Bytes, version: Version): Promise<Bytes> => {
  const password = utf8(passphrase.toWellFormed().normalize('NFKC'))
  const secret = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
  const rule = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS[version] }
  return new Uint8Array(await crypto.subtle.deriveBits(rule, secret, KEY_BITS))
}

interface Sealing {
  /** 16 fresh random bytes. */
  readonly salt: Bytes
  /** 12 fresh random bytes. */
  readonly iv: Bytes
  readonly version?: Version
}

/** The blob of a text. Refuses a text that is `too-large`, and a password that is `too-long` or empty (`bad-value`). */
export const seal = async (plaintext: string, passphrase: string, sealing: Sealing): Promise<string | Refused> => {
  const { salt, iv, version = 2 } = sealing
  if (salt.length !== SALT_BYTES || iv.length !== IV_BYTES) throw new RangeError('a salt has 16 bytes and an iv 12')
  const text = utf8(plaintext)
  if (text.length > LIMITS.link_manifest_chars) return new Refused('too-large')
  if (passphrase.length > LIMITS.passphrase_chars) return new Refused('too-long')
  if (passphrase === '') return new Refused('bad-value')
  const key = await crypto.subtle.importKey('raw', await sealKey(passphrase, salt, version), 'AES-GCM', false, ['encrypt'])
  const locked = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text))
  return writeBase64url(Uint8Array.from([version, ...salt, ...iv, ...locked]))
}

/** The text of a blob. Order: `too-large`, `seal-unreadable`, `too-long` (the password), `seal-wrong-passphrase`. */
export const unseal = async (blob: string, passphrase: string): Promise<string | Refused> => {
  if (blob.length > LIMITS.link_sealed_chars) return new Refused('too-large')
  const data = readBase64url(blob)
  if (data instanceof Refused || data.length < HEAD_BYTES + TAG_BYTES) return new Refused('seal-unreadable')
  const version = data[0]
  if (version !== 1 && version !== 2) return new Refused('seal-unreadable')
  if (passphrase.length > LIMITS.passphrase_chars) return new Refused('too-long')
  if (passphrase === '') return new Refused('seal-wrong-passphrase')
  const key = await sealKey(passphrase, data.slice(1, 1 + SALT_BYTES), version)
  const text = await unlock(key, data.slice(1 + SALT_BYTES, HEAD_BYTES), data.slice(HEAD_BYTES))
  return text ? (readUtf8(text) ?? new Refused('seal-unreadable')) : new Refused('seal-wrong-passphrase')
}

const unlock = async (secret: Bytes, iv: Bytes, locked: Bytes): Promise<Bytes | null> => {
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['decrypt'])
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, locked))
  } catch {
    return null // WebCrypto rejects when the tag does not fit, and says nothing more
  }
}
