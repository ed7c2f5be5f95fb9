/**
 * What TypeScript says of any input of the hostile corpus: JSON lines {"reader", "text"} in, one verdict per line out,
 * {"ok": account of what would be written again} or {"refused": code, "where": path}.
 *
 * Twin: tests/kibitz/wire/verdicts.py, which has the same readers under the same names and compares.
 */
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { unpack as packageUnpack } from 'peerjs-js-binarypack'
import { makeUnpack } from '../src/wire/binarypack.ts'
import type { Codec } from '../src/wire/codec.ts'
import { content } from '../src/wire/content.ts'
import { toCoordinator } from '../src/wire/presence.ts'
import { Refused } from '../src/wire/refusal.ts'
import * as registry from '../src/wire/registry.ts'

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

export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...registry.READERS,
  ['binarypack', (digits) => unpack(bytesOf(digits))],
  ['packed-content', packed(content)],
  ['packed-to-coordinator', packed(toCoordinator)],
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
