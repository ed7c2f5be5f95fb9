import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { pairCode, SYMBOLS } from '../../../widget/src/wire/safety-code.ts'
import { accepted, OURS, THEIRS } from './signers.ts'

const written = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((digest) => [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(':'))

describe('safety code', () => {
  it('has 32 symbols, no two alike', () => {
    expect(new Set(SYMBOLS.map((entry) => entry.symbol)).size).toBe(32)
    expect(new Set(SYMBOLS.map((entry) => entry.name)).size).toBe(32)
    expect([0, 8, 16, 31].map((index) => SYMBOLS[index]?.name)).toEqual(['fox', 'wave', 'lemon', 'blowfish'])
  })

  it('is the same on both ends', async () => {
    await fc.assert(
      fc.asyncProperty(written, written, fc.integer({ min: 1, max: 32 }), async (one, other, count) => {
        const code = accepted(await pairCode(one, other, count))
        expect(code).toEqual(await pairCode(other.toUpperCase(), one, count))
        expect(code).toHaveLength(count)
        expect(code.every((index) => index >= 0 && index < 32)).toBe(true)
      }),
    )
  })

  it('begins a longer code with the shorter', async () => {
    expect(accepted(await pairCode(OURS, THEIRS, 8)).slice(0, 4)).toEqual(await pairCode(OURS, THEIRS))
  })

  it('has no code without two fingerprints and a count', async () => {
    for (const count of [0, 33, Number.NaN]) {
      expect(await pairCode(OURS, THEIRS, count)).toEqual(new Refused('bad-number', 'count'))
    }
    expect(await pairCode('', THEIRS)).toEqual(new Refused('bad-fingerprint', 'one'))
    expect(await pairCode(OURS, OURS.slice(1))).toEqual(new Refused('bad-fingerprint', 'other'))
  })
})
