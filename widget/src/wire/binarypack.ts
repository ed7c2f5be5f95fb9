/**
 * BinaryPack: the bytes in which PeerJS carries values over a data channel (PROTOCOL 4 and 12.5).
 *
 * Purpose: let the npm package peerjs-js-binarypack read only what it reads rightly. On other bytes it reads past the end,
 * recurses without bound, sets prototypes, throws, or returns another number than was meant.
 * `checkPacked` walks the structure once, without recursion and without allocating per value, and refuses, in this order:
 *
 * - `too-large`: more bytes than the limit (looked at first), or more values than the limit declared so far
 * - `pack-truncated`: the bytes end before a value, its length or its body; or more values are declared than bytes are left
 * - `pack-unknown-type`: a type byte the package never writes: c1, c4-c9, d4-d7 (it reads them as undefined)
 * - `pack-key`: a key that is not a text (it would be turned into one)
 * - `too-deep`: more than 32 lists and maps inside each other
 * - `bad-number`: a float whose exponent is all zeros or all ones: zero, subnormal, infinite, NaN (it reads other numbers)
 * - `pack-text`: a text that is not UTF-8 as RFC 3629 has it (the package's reader accepts anything, or throws)
 * - `forbidden-key`: the key `__proto__`
 * - `pack-trailing`: bytes after the value
 *
 * A byte order mark stays part of its text. Of two equal keys the last wins. Whole numbers of 64 bits are rounded as the
 * package rounds them. `where` is always empty: bytes have no field path.
 * Twin: kibitz/wire/binarypack.py, which also writes. Here the package writes.
 */
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { FORBIDDEN_KEY } from './values.ts'

/** What a type byte announces. size: bytes of the body, or items; told: bytes after the type byte that tell size instead. */
interface Form {
  readonly kind: 'number' | 'float' | 'text' | 'bytes' | 'list' | 'map'
  readonly size: number
  readonly told: number
}

/** All 256 type bytes; undefined for those nobody writes. Null, true and false are numbers of no bytes here. */
const forms = (): readonly (Form | undefined)[] => {
  const found: (Form | undefined)[] = new Array(256).fill(undefined)
  const set = (byte: number, kind: Form['kind'], size: number, told = 0): void => {
    found[byte] = { kind, size, told }
  }
  for (let number = -32; number < 128; number += 1) set(number & 0xff, 'number', 0)
  for (const [first, kind] of [
    [0x80, 'map'],
    [0x90, 'list'],
    [0xa0, 'bytes'],
    [0xb0, 'text'],
  ] as const)
    for (let size = 0; size < 16; size += 1) set(first + size, kind, size)
  for (const byte of [0xc0, 0xc2, 0xc3]) set(byte, 'number', 0)
  set(0xca, 'float', 4)
  set(0xcb, 'float', 8)
  for (const first of [0xcc, 0xd0]) for (let power = 0; power < 4; power += 1) set(first + power, 'number', 1 << power)
  for (const [first, kind] of [
    [0xd8, 'text'],
    [0xda, 'bytes'],
    [0xdc, 'list'],
    [0xde, 'map'],
  ] as const)
    for (const wide of [0, 1]) set(first + wide, kind, 0, wide ? 4 : 2)
  return found
}

const FORMS = forms()
const FORBIDDEN = new TextEncoder().encode(FORBIDDEN_KEY)

/** Whether the bytes are one whole value within the limits; see above. Builds nothing. */
export const checkPacked = (bytes: Uint8Array): true | Refused => {
  if (bytes.length > LIMITS.pack_bytes) return new Refused('too-large')
  const scan = new Scan(bytes)
  while (scan.level >= 0) {
    const refused = scan.step()
    if (refused) return refused
  }
  return scan.at === bytes.length ? true : new Refused('pack-trailing')
}

/** One walk over packed bytes. Two small tables, one entry for each level that may be open, are all it allocates. */
class Scan {
  at = 0
  level = 0
  private declared = 1
  private readonly bytes: Uint8Array
  private readonly awaited = new Uint32Array(LIMITS.depth + 1)
  private readonly inMap = new Uint8Array(LIMITS.depth + 1)

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.awaited[0] = 1
  }

  /** Read the next type byte and what belongs to it, or leave a level that is complete. */
  step(): Refused | undefined {
    const left = this.awaited[this.level] ?? 0
    if (left === 0) {
      this.level -= 1
      return undefined
    }
    const type = this.bytes[this.at]
    if (type === undefined) return new Refused('pack-truncated')
    const form = FORMS[type]
    if (!form) return new Refused('pack-unknown-type')
    const isKey = this.inMap[this.level] === 1 && left % 2 === 0
    if (isKey && form.kind !== 'text') return new Refused('pack-key')
    this.awaited[this.level] = left - 1
    this.at += 1 + form.told
    if (this.at > this.bytes.length) return new Refused('pack-truncated')
    const size = form.told ? bigEndian(this.bytes, this.at - form.told, this.at) : form.size
    if (form.kind === 'list' || form.kind === 'map') return this.enter(form.kind === 'map', size)
    return this.body(form.kind, size, isKey)
  }

  private enter(isMap: boolean, size: number): Refused | undefined {
    if (this.level === LIMITS.depth) return new Refused('too-deep')
    const values = isMap ? 2 * size : size
    if (values > this.bytes.length - this.at) return new Refused('pack-truncated')
    this.declared += values
    if (this.declared > LIMITS.pack_items) return new Refused('too-large')
    this.level += 1
    this.awaited[this.level] = values
    this.inMap[this.level] = isMap ? 1 : 0
    return undefined
  }

  private body(kind: Form['kind'], size: number, isKey: boolean): Refused | undefined {
    const end = this.at + size
    if (end > this.bytes.length) return new Refused('pack-truncated')
    if (kind === 'float' && isOddFloat(this.bytes, this.at, size)) return new Refused('bad-number')
    if (kind === 'text') {
      if (!isUtf8(this.bytes, this.at, end)) return new Refused('pack-text')
      if (isKey && isForbidden(this.bytes, this.at, size)) return new Refused('forbidden-key')
    }
    this.at = end
    return undefined
  }
}

const bigEndian = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0
  for (let at = from; at < to; at += 1) value = value * 256 + (bytes[at] ?? 0)
  return value
}

/** Whether a float's exponent is all zeros or all ones (IEEE 754): not a normal number. */
const isOddFloat = (bytes: Uint8Array, at: number, size: number): boolean => {
  const head = bigEndian(bytes, at, at + 2)
  const [exponent, top] = size === 4 ? [(head >> 7) & 0xff, 0xff] : [(head >> 4) & 0x7ff, 0x7ff]
  return exponent === 0 || exponent === top
}

const isForbidden = (bytes: Uint8Array, at: number, size: number): boolean =>
  size === FORBIDDEN.length && FORBIDDEN.every((byte, index) => bytes[at + index] === byte)

/** Whether a stretch of bytes is UTF-8 (RFC 3629, section 4): shortest forms only, no surrogates, nothing past U+10FFFF. */
const isUtf8 = (bytes: Uint8Array, from: number, end: number): boolean => {
  let at = from
  while (at < end) {
    const first = bytes[at] ?? 0
    at += 1
    if (first < 0x80) continue
    const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0
    if (more === 0 || at + more > end) return false
    const second = bytes[at] ?? 0
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
    if (second < least || second > most) return false
    for (let tail = at + 1; tail < at + more; tail += 1) if (((bytes[tail] ?? 0) & 0xc0) !== 0x80) return false
    at += more
  }
  return true
}

/** The package's `unpack`, as a port: PeerJS brings its own copy, tests and tools import the package. */
export type PackageUnpack = (packed: ArrayBuffer) => unknown

/**
 * A total unpack: checkPacked, then the package. It gives null, booleans, finite numbers, text, ArrayBuffer, lists and plain
 * records, or refuses what checkPacked refuses.
 */
export const makeUnpack =
  (packageUnpack: PackageUnpack) =>
  (bytes: Uint8Array<ArrayBuffer>): unknown => {
    const checked = checkPacked(bytes)
    return checked instanceof Refused ? checked : packageUnpack(ownBuffer(bytes))
  }

/** The package reads a whole buffer; a view on a part of one is copied first. */
const ownBuffer = (bytes: Uint8Array<ArrayBuffer>): ArrayBuffer =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer
