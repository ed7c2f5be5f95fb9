import { describe, expect, it } from 'vitest'
import { type Codec, kept } from '../../../widget/src/wire/codec.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

/** Reads texts, and notes what it was shown. */
const looking = (seen: unknown[] = []): Codec<string> => ({
  decode: (value, where = '') => {
    seen.push(value)
    return typeof value === 'string' ? value : new Refused('wrong-type', where)
  },
  encode: (value) => value,
})

describe('lists that leave out what they cannot read', () => {
  it('keep the rest', () => {
    expect(kept(looking(), 3).decode([1, 'a', null, 'b'])).toEqual(['a', 'b'])
  })

  it('do not look at a flood', () => {
    const seen: unknown[] = []
    expect(kept(looking(seen), 3).decode([...Array(11).fill(0), ...Array(100_000).fill('a')])).toEqual(['a'])
    expect(seen).toHaveLength(12)
    expect(kept(looking(), 3).decode([...Array(12).fill(0), 'a'])).toEqual([])
  })

  it('stop when they have enough', () => {
    const seen: unknown[] = []
    expect(kept(looking(seen), 3).decode(Array(100_000).fill('a'))).toEqual(['a', 'a', 'a'])
    expect(seen).toHaveLength(3)
  })
})
