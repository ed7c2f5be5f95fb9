/**
 * Makes tests/vectors/binarypack.json with the npm package peerjs-js-binarypack: `node widget/tools/binarypack-vectors.ts`.
 *
 * carried: values the package carries unchanged, with its bytes. mended: numbers it changes or throws at, with the bytes we
 * write instead. read: bytes it never writes but reads rightly. refused: bytes that must not reach it, with our code.
 * Bytes inside a value stand as {"$bytes": hex}.
 */
import { writeFileSync } from 'node:fs'
import { type Packable, pack, unpack } from 'peerjs-js-binarypack'

const hexOf = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('hex')
const bufferOf = (hex: string): ArrayBuffer => new Uint8Array(Buffer.from(hex, 'hex')).buffer

const packed = (value: Packable): ArrayBuffer => {
  const bytes = pack(value)
  if (bytes instanceof Promise) throw new TypeError('only a Blob is packed later, and none is packed here')
  return bytes as ArrayBuffer // the package's type hides that getBuffer gives an ArrayBuffer
}

/** A value as the vector file says it. */
const said = (value: unknown): unknown => {
  if (value instanceof ArrayBuffer) return { $bytes: hexOf(value) }
  if (Array.isArray(value)) return value.map(said)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, said(part)]))
}

const asDouble = (value: number): string => {
  const bytes = new DataView(new ArrayBuffer(9))
  bytes.setUint8(0, 0xcb)
  bytes.setFloat64(1, value)
  return hexOf(bytes.buffer)
}

const EDGES = [0, 1, 31, 32, 33, 127, 128, 129, 255, 256, 32767, 32768, 32769, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1]
const NUMBERS = [
  ...EDGES.flatMap((edge) => (edge === 0 ? [0] : [edge, -edge])),
  ...[2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 60, 2 ** 63 - 1024, 2 ** 63, 2 ** 63 + 2048, 2 ** 64 - 2048, 2 ** 64],
  ...[-(2 ** 32), -(2 ** 32) - 1, 1 - 2 ** 53, -(2 ** 53), -(2 ** 63), -(2 ** 63) - 2048, 1e21, 1e300, -1e300, Number.MAX_VALUE],
  ...[0.1, 0.5, 0.25, 1.5, -1.5, Math.PI, 1e-7, 1750000000.25, 2 ** -1022, 3.9999999999999996, 0.9999999999999999],
]

const long = (units: number): string => 'x'.repeat(units)
const VALUES: Packable[] = [
  ...[null, true, false, '', 'a', long(15), long(16), long(300), 'é', '☕', '😀 and 🦊', '\ufeffmark', '\u0000'],
  ...['half \ud83d', '\ude00\ud83d', 'Übergrößenträger', [], {}, [null, [true, [false]]], Array(15).fill(1), Array(16).fill('')],
  new ArrayBuffer(0),
  new Uint8Array([0, 255]).buffer,
  new Uint8Array(16).fill(7).buffer,
  { b: 1, a: 2, 10: 'ten', 9: 'nine', '01': 'no index' },
  Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, index])),
  {
    t: 'voice',
    on: true,
    cam: false,
    name: 'Ada',
    avatar: '🦊',
    voiceId: 'b7c1',
    meta: { '~kbz': { v: '0.1.0', f: ['chat.v1'] } },
  },
  { k: 'app', data: { image: new Uint8Array([1, 2, 3]).buffer, at: [0.25, 0.75] } },
]

const READ = [
  ...['cc05', 'cd0005', 'ce00000005', 'cf0000000000000005', 'd005', 'd0ff', 'd10005', 'd1ffff', 'd200000005', 'd2ffffffff'],
  ...['d30000000000000005', 'd3ffffffffffffffff', 'd3ffffffff7fffffff', 'd38000000000000000', 'd37fffffffffffffff'],
  ...['cf8000000000000001', 'cfffffffffffffffff', 'cf0020000000000001', 'ca3fc00000', 'cac0490fdb', 'cb3ff0000000000000'],
  ...['cb7fefffffffffffff', 'cb0010000000000000', 'cbbff8000000000000', 'd8000161', 'd90000000161', 'da0001ff', 'db00000001ff'],
  ...['dc000105', 'dd0000000105', 'de0001b16105', 'df00000001b16105', '82b16101b16102', '82b16101b16202', 'b3efbbbf'],
]

const nested = (open: string, levels: number, end: string): string => open.repeat(levels) + end
const REFUSED: readonly (readonly [hex: string, code: string])[] = [
  ['', 'pack-truncated'],
  ...['b1', 'b261', 'cc', 'cd00', 'cb00', 'd8', 'd8ff', 'd8000261', 'a1', 'daffff00', 'dbffffffff'].map(
    (hex) => [hex, 'pack-truncated'] as const,
  ),
  ...['91', '9201', 'dcffff', 'ddffffffff', 'dfffffffff', 'dd00000002c0', '81', '81b161', 'de0002b16101'].map(
    (hex) => [hex, 'pack-truncated'] as const,
  ),
  ...['c1', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'd4', 'd5', 'd6', 'd7', '91c1'].map((hex) => [hex, 'pack-unknown-type'] as const),
  ...['810101', '81c001', '81a16101', '819001', '82b161010101'].map((hex) => [hex, 'pack-key'] as const),
  [nested('91', 33, 'c0'), 'too-deep'],
  [nested('81b161', 33, 'c0'), 'too-deep'],
  [nested('91', 1_000, ''), 'too-deep'],
  ...['ca00000000', 'ca80000000', 'ca007fffff', 'ca7f800000', 'caff800000', 'ca7fc00000'].map(
    (hex) => [hex, 'bad-number'] as const,
  ),
  ...['cb0000000000000000', 'cb8000000000000000', 'cb0000000000000001', 'cb7ff0000000000000', 'cbfff0000000000000'].map(
    (hex) => [hex, 'bad-number'] as const,
  ),
  ['cb7ff8000000000000', 'bad-number'],
  ...['b180', 'b1ff', 'b2c080', 'b2c1bf', 'b1c3', 'b2c328', 'b3e08080', 'b3eda080', 'b3edbfbf', 'b2e282', 'b4f0808080'].map(
    (hex) => [hex, 'pack-text'] as const,
  ),
  ...['b4f4908080', 'b4f5808080', 'b4f09f98ff', 'b3f09f98', '81b1ff01'].map((hex) => [hex, 'pack-text'] as const),
  ['81b95f5f70726f746f5f5f80', 'forbidden-key'],
  ['81d800095f5f70726f746f5f5f80', 'forbidden-key'],
  ...['c0c0', '0000', '9000', '80b0', 'b16100'].map((hex) => [hex, 'pack-trailing'] as const),
]

const isCarried = (value: number): boolean => {
  try {
    return unpack(packed(value)) === value
  } catch {
    return false // the package throws at whole numbers beyond 2^64
  }
}

const shown = (value: number): string | null => {
  try {
    return hexOf(packed(value))
  } catch {
    return null
  }
}

const readBack = (hex: string | null): unknown => (hex === null ? null : unpack(bufferOf(hex)))

/** As said, but lone surrogates replaced: what the other side reads. */
const row = (value: Packable): { value: unknown; hex: string } => ({
  value: said(unpack(packed(value))),
  hex: hexOf(packed(value)),
})

const vectors = {
  carried: [...NUMBERS.filter(isCarried), ...VALUES].map(row),
  mended: NUMBERS.filter((value) => !isCarried(value)).map((value) => {
    const theirs = shown(value)
    return { value, package_hex: theirs, package_reads: readBack(theirs), hex: asDouble(value) }
  }),
  read: READ.map((hex) => ({ hex, value: said(unpack(bufferOf(hex))) })),
  refused: REFUSED.map(([hex, code]) => ({ hex, code })),
}

writeFileSync(new URL('../../tests/vectors/binarypack.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`)
