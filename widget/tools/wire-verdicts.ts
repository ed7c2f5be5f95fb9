/**
 * What TypeScript says of any input of the hostile corpus: JSON lines {"reader", "text"} in, one verdict per line out,
 * {"ok": account of what would be written again} or {"refused": code, "where": path}.
 *
 * Twin: tests/kibitz/wire/verdicts.py, which has the same readers under the same names and compares.
 */
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { unpack as packageUnpack } from 'peerjs-js-binarypack'
import { readBase64url } from '../src/wire/base64url.ts'
import { makeUnpack } from '../src/wire/binarypack.ts'
import { validPeerId, validToken } from '../src/wire/broker-frames.ts'
import type { Codec } from '../src/wire/codec.ts'
import { content } from '../src/wire/content.ts'
import {
  bound,
  canonicalCode,
  checkAssertion,
  checkHostEntry,
  checkPass,
  openOrder,
  order,
  passClaims,
  wrongCodeEntry,
} from '../src/wire/door.ts'
import { fingerprint, fingerprintOfSdp, normalIdentity } from '../src/wire/fingerprints.ts'
import { checkCommand, hostCommand } from '../src/wire/host-commands.ts'
import { checkGuest, invitation, proof } from '../src/wire/invitations.ts'
import { type PublicKey, privateKey, publicKey, readKeyText, thumbprint, writeKeyText } from '../src/wire/keys.ts'
import { LIMITS } from '../src/wire/limits.ts'
import { encodeParams, readForm, writeForm } from '../src/wire/link-params.ts'
import { readLink } from '../src/wire/links.ts'
import { admits, checkManifest, manifest } from '../src/wire/manifests.ts'
import { toCoordinator } from '../src/wire/presence.ts'
import { Refused } from '../src/wire/refusal.ts'
import { jsonReader, READERS as MESSAGE_READERS } from '../src/wire/registry.ts'
import { gxPeerId, roomId, typedRoomId } from '../src/wire/rooms.ts'
import { unseal } from '../src/wire/seal.ts'
import { openToken } from '../src/wire/tokens.ts'

export interface Input {
  readonly reader: string
  readonly text: string
}
type Reader = (text: string) => unknown

const WHOLE_CHARS = 200 // a longer account of an accepted value is compared by its digest
const unpack = makeUnpack(packageUnpack)

const bytesOf = (digits: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(digits, 'hex'))

const packed =
  <T>(codec: Codec<T>): Reader =>
  (digits) => {
    const value = unpack(bytesOf(digits))
    const decoded = value instanceof Refused ? value : codec.decode(value)
    return decoded instanceof Refused ? decoded : codec.encode(decoded)
  }

// The same place, time, password and throw-away key as in corpus_seeds.py.
const OWN_ORIGIN = 'https://kibitz.example'
const ROOM = 'standup'
const NOW = 1_750_000_010
const HERE = { room: ROOM, handshook: Array(4).fill('ab:cd:ef:01:23:45:67:89').join(':'), now: NOW }
const PASSPHRASE = 'correct horse battery staple'
const PROVING = new Uint8Array(32)
const KEY: PublicKey = {
  x: '6X-R0gXVjQT0A2DWFx5vg5lic0tYB6YtocO6tkKhAIg',
  y: 'k99bRAX9W_vOPW-tzfdRpzEctWR5-eiUrJBq22aV270',
}

const link: Reader = async (text) => {
  const opened = readLink(text, OWN_ORIGIN)
  if (opened instanceof Refused) return opened
  const written = encodeParams(opened.params)
  const params = written instanceof Refused ? [written.code, written.where] : written
  const id = await gxPeerId(opened.room, opened.raw)
  return { room: opened.room, params, raw: opened.raw, notice: opened.notice, id }
}

/** A reader of signed tokens: what the claims say when they hold. */
const checked =
  <T>(codec: Codec<T>, check: (token: string) => Promise<T | Refused>): Reader =>
  async (token) => {
    const found = await check(token)
    return found instanceof Refused ? found : codec.encode(found)
  }

const halves = (text: string): readonly [string, string] => {
  const at = text.indexOf('|')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const guest: Reader = async (text) => {
  const [token, shownProof] = halves(text)
  const found = await checkGuest(token, shownProof, { creator: KEY, ...HERE })
  return found instanceof Refused ? found : [found.name, found.invitationId, found.expiresAt]
}

const guestList: Reader = async (token) => {
  const found = await checkManifest(token, KEY, { room: ROOM, mode: null, now: NOW })
  if (found instanceof Refused) return found
  return { manifest: manifest.encode(found), admits: await admits(found, 'ADA@example.org') }
}

const codeEntry: Reader = (text) => {
  const [credential, shownProof] = halves(text)
  return wrongCodeEntry({ credential, proof: shownProof }, PROVING, HERE)
}

const keyText: Reader = async (text) => {
  const key = readKeyText(text)
  return key instanceof Refused ? key : [writeKeyText(key), await thumbprint(key)]
}

export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...MESSAGE_READERS,
  ['binarypack', (digits) => unpack(bytesOf(digits))],
  ['packed-content', packed(content)],
  ['packed-to-coordinator', packed(toCoordinator)],
  ['link', link],
  ['room', roomId],
  ['typed-room', typedRoomId],
  ['form', (text) => writeForm(readForm(text))],
  ['peer-id', validPeerId],
  ['broker-token', validToken],
  ['base64url', (text) => readBase64url(text)],
  ['fingerprint', (text) => fingerprint.decode(text)],
  ['sdp-fingerprint', fingerprintOfSdp],
  ['identity', normalIdentity],
  ['public-key', jsonReader(publicKey)],
  ['private-key', jsonReader(privateKey)],
  ['key-text', keyText],
  ['typed-code', canonicalCode],
  ['code-entry', codeEntry],
  ['seal', (text) => unseal(text, PASSPHRASE)],
  ['host-entry-claims', jsonReader(bound)],
  ['pass-claims', jsonReader(passClaims)],
  ['assertion-claims', jsonReader(bound)],
  ['order-token-claims', jsonReader(order)],
  ['command-claims', jsonReader(hostCommand)],
  ['invitation-claims', jsonReader(invitation)],
  ['proof-claims', jsonReader(proof)],
  ['manifest-claims', jsonReader(manifest)],
  ['host-entry', checked(bound, (token) => checkHostEntry(token, KEY, HERE))],
  ['pass', checked(passClaims, (token) => checkPass(token, KEY, HERE))],
  ['assertion', checked(publicKey, (token) => checkAssertion(token, [KEY], HERE))],
  ['order-token', checked(order, (token) => openOrder(token, KEY, ROOM))],
  ['command', checked(hostCommand, (token) => checkCommand(token, KEY, HERE))],
  ['proof', (token) => openToken(token, KEY, LIMITS.proof_chars)],
  ['invitation', guest],
  ['manifest', guestList],
])

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A value with its records in one order of keys and its numbers and bytes in one spelling. */
const plain = (value: unknown): unknown => {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : { f: doubleHex(value) }
  if (value instanceof ArrayBuffer) return { b: Buffer.from(value).toString('hex') }
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined && part !== null)
  entries.sort(([one], [other]) => (one < other ? -1 : 1))
  return { r: entries.map(([key, part]) => [key, plain(part)]) }
}

const doubleHex = (value: number): string => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

/** What the reader of an input says of it. */
export const verdict = async ({ reader, text }: Input): Promise<Record<string, string>> => {
  const read = READERS.get(reader)
  if (!read) throw new TypeError(`no reader is called ${reader}`)
  const found = await read(text)
  if (found instanceof Refused) return { refused: found.code, where: found.where }
  const account = JSON.stringify(plain(found)).replace(/[\u007f-\uffff]/g, escaped)
  return { ok: account.length <= WHOLE_CHARS ? account : createHash('sha256').update(account).digest('hex') }
}

if (import.meta.main) {
  const lines = (await text(process.stdin)).split('\n').filter(Boolean)
  const answers: string[] = []
  for (const line of lines) answers.push(JSON.stringify(await verdict(JSON.parse(line))))
  process.stdout.write(answers.join('\n'))
}
