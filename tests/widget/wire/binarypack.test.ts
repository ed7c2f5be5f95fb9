import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { type Packable, pack, unpack as packageUnpack } from 'peerjs-js-binarypack'
import { describe, expect, it } from 'vitest'
import { checkPacked, makeUnpack } from '../../../widget/src/wire/binarypack.ts'
import { LIMITS } from '../../../widget/src/wire/limits.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

interface Row {
  readonly hex: string
  readonly value?: unknown
  readonly code?: Refused['code']
}
const vectors: Readonly<Record<'carried' | 'mended' | 'read' | 'refused', readonly Row[]>> = JSON.parse(
  readFileSync(new URL('../../vectors/binarypack.json', import.meta.url), 'utf8'),
)
const unpack = makeUnpack(packageUnpack)

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'))
const packed = (value: Packable): Uint8Array<ArrayBuffer> => new Uint8Array(pack(value) as ArrayBuffer) // only Blobs are packed later
const said = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (part instanceof ArrayBuffer ? { $bytes: Buffer.from(part).toString('hex') } : part)),
  )

/** Values the package carries unchanged: text well-formed, whole numbers to 32 bits. */
const { value: values } = fc.letrec<{ value: Packable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0.5, -1.25),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Uint8Array.from(bytes).buffer),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__' && key !== 'hasOwnProperty'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
}))

describe('BinaryPack', () => {
  it.each([...vectors.carried, ...vectors.mended, ...vectors.read])('reads $hex', ({ hex, value }) => {
    expect(checkPacked(bytesOf(hex))).toBe(true)
    expect(said(unpack(bytesOf(hex)))).toEqual(value)
  })

  it.each(vectors.refused)('refuses $hex: $code', ({ hex, code }) => {
    expect(checkPacked(bytesOf(hex))).toEqual(new Refused(code ?? 'not-json'))
    expect(unpack(bytesOf(hex))).toEqual(new Refused(code ?? 'not-json'))
  })

  it('accepts everything the package writes, nothing shorter, nothing longer', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, cut) => {
        const whole = packed(value)
        expect(unpack(whole)).toEqual(value)
        expect(checkPacked(whole.subarray(0, cut % whole.length))).toEqual(new Refused('pack-truncated'))
        expect(checkPacked(Uint8Array.of(...whole, 0xc0))).toEqual(new Refused('pack-trailing'))
      }),
    )
  })

  it('answers any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const checked = checkPacked(bytes)
        expect(unpack(Uint8Array.from(bytes)) instanceof Refused).toBe(checked instanceof Refused)
      }),
      { numRuns: 1000 },
    )
  })

  it('accepts as text exactly what is UTF-8', () => {
    const strict = new TextDecoder('utf-8', { fatal: true })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 2 }), (tail, text) => {
        const body = Uint8Array.of(...new TextEncoder().encode(text), ...tail).slice(0, 15)
        const isUtf8 = (() => {
          try {
            strict.decode(body)
            return true
          } catch {
            return false // the decoder has no other way to say so
          }
        })()
        expect(checkPacked(Uint8Array.of(0xb0 + body.length, ...body))).toEqual(isUtf8 || new Refused('pack-text'))
      }),
      { numRuns: 3000 },
    )
  })

  it('reads a part of a larger buffer', () => {
    expect(unpack(bytesOf('c09105c0').subarray(1, 3))).toEqual([5])
  })

  it('keeps the limits of size, number and depth', () => {
    const list = (items: number): Uint8Array<ArrayBuffer> => {
      const bytes = new Uint8Array(5 + items).fill(0xc0)
      new DataView(bytes.buffer).setUint32(1, items)
      bytes[0] = 0xdd
      return bytes
    }
    expect(checkPacked(list(LIMITS.pack_items - 1))).toBe(true)
    expect(checkPacked(list(LIMITS.pack_items))).toEqual(new Refused('too-large'))
    expect(checkPacked(new Uint8Array(LIMITS.pack_bytes + 1))).toEqual(new Refused('too-large'))
    expect(checkPacked(bytesOf(`${'91'.repeat(LIMITS.depth)}c0`))).toBe(true)
    expect(checkPacked(bytesOf(`${'91'.repeat(LIMITS.depth + 1)}c0`))).toEqual(new Refused('too-deep'))
  })

  it('never lets a prototype through', () => {
    const before = Object.keys(Object.prototype)
    const hostile = Uint8Array.of(0x81, 0xb9, ...new TextEncoder().encode('__proto__'), 0x81, 0xb1, 0x61, 0x01)
    expect(unpack(hostile)).toEqual(new Refused('forbidden-key'))
    expect(Object.keys(Object.prototype)).toEqual(before)
  })
})
