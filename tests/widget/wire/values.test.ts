import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../widget/src/wire/limits.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { cut, dataSize, jsonChars, readJson } from '../../../widget/src/wire/values.ts'

describe('values', () => {
  it('measures exactly what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 8 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('"__proto__"'))
        expect(jsonChars(value, 1_000_000)).toBe(JSON.stringify(value).length)
      }),
    )
  })

  it('decides depth before parsing', () => {
    expect(readJson('['.repeat(100_000))).toEqual(new Refused('too-deep'))
    expect(readJson('['.repeat(33) + ']'.repeat(33))).toEqual(new Refused('too-deep'))
    expect(readJson(JSON.stringify('['.repeat(100)))).toBe('['.repeat(100))
  })

  it('counts brackets outside of strings alone', () => {
    const pieces = fc.array(fc.constantFrom('[', ']', '{', '}', '['.repeat(30), ']'.repeat(30), '"', '\\', '\\"', 'a', '\n'))
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        let depth = 0
        let deepest = 0
        for (const char of text.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)/gs, '')) {
          depth += Number('[{'.includes(char)) - Number(']}'.includes(char))
          deepest = Math.max(deepest, depth)
        }
        const found = readJson(text)
        expect(found instanceof Refused && found.code === 'too-deep').toBe(deepest > LIMITS.depth)
      }),
    )
  })

  it('refuses what JSON cannot say, and loops', () => {
    const loop: unknown[] = []
    loop.push(loop)
    expect(jsonChars(loop, 1_000_000)).toEqual(new Refused('too-deep'))
    expect(jsonChars([Number.NaN], 100)).toEqual(new Refused('wrong-type'))
    expect(jsonChars({ bytes: new Uint8Array(1) }, 100)).toEqual(new Refused('wrong-type'))
    expect(jsonChars(JSON.parse('{"__proto__":1}'), 100)).toEqual(new Refused('forbidden-key'))
  })

  it('never cuts off half a character', () => {
    expect(cut('a😀', 2)).toBe('a')
    expect(cut('a😀', 3)).toBe('a😀')
  })

  it('measures bytes where they may be', () => {
    expect(dataSize({ a: new Uint8Array(3) }, 100)).toBe('{"a":}'.length + 3)
    expect(dataSize([new ArrayBuffer(5)], 6)).toEqual(new Refused('too-large'))
  })

  it('meets array indexes first, as the language walks a record', () => {
    expect(jsonChars({ b: [Number.NaN], 1: JSON.parse('{"__proto__":0}') }, 100)).toEqual(new Refused('forbidden-key'))
  })
})
