/**
 * Bytes as text: base64url without padding (RFC 4648, 5) and the digests that are written so.
 *
 * Written without padding. Reading is strict, so a value has exactly one text: only A-Z a-z 0-9 - _, no padding, never
 * 4n + 1 characters, and the bits of the last character that carry nothing must be zero. Source: PROTOCOL.md 9.
 * Twin: kibitz/wire/base64url.py.
 */
import { Refused } from './refusal.ts'

const ALPHABET = /^[A-Za-z0-9_-]*$/

/** How many bytes go to String.fromCharCode at once: far below any engine's limit of arguments. */
const CHUNK_BYTES = 8192

/** Bytes as base64url without padding. */
export const writeBase64url = (data: Uint8Array): string => {
  let latin1 = ''
  for (let at = 0; at < data.length; at += CHUNK_BYTES) latin1 += String.fromCharCode(...data.subarray(at, at + CHUNK_BYTES))
  return btoa(latin1).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The bytes of a base64url text, or `bad-base64`. */
export const readBase64url = (text: string, where = ''): Uint8Array<ArrayBuffer> | Refused => {
  if (!ALPHABET.test(text) || text.length % 4 === 1) return new Refused('bad-base64', where)
  const data = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  return writeBase64url(data) === text ? data : new Refused('bad-base64', where)
}

/** UTF-8; lone surrogates become U+FFFD. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** The text of UTF-8 bytes, or null: bad bytes are refused, a byte order mark stays. */
export const readUtf8 = (data: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    return null // the only way a decoder says that the bytes are not UTF-8
  }
}

/** 32 bytes. */
export const sha256 = async (data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', data))

/** base64url SHA-256 of a text in UTF-8: 43 characters. */
export const digestText = async (text: string): Promise<string> => writeBase64url(await sha256(utf8(text)))
