import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeKeyText } from '../../../widget/src/wire/keys.ts'
import { LIMITS } from '../../../widget/src/wire/limits.ts'
import {
  decodeParams,
  encodeParams,
  first,
  GATE_KEYS,
  type LinkParams,
  linkParams,
  type Raw,
  readForm,
  writeForm,
} from '../../../widget/src/wire/link-params.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

const KEY = { x: 'i_ZXS_BXkWINaFloDkQnn2UgdKRgjRSj3-7iMNbroys', y: 'XmT9oGx0odGownMfVfJtOLQKvloRZ05C7BVZTH3odnM' }
const anyText = fc.string({ unit: 'binary' })
const gateKeys = fc.constantFrom(...GATE_KEYS)

const refusedAt = (key: string): Refused => new Refused('link-unreadable', key)

describe('parameters', () => {
  it('are those of the gate list', () => {
    const theirs = ['g', 'gn', 'gk', 'gm', 'ge', 'gc', 'gt', 'gh', 'ghk', 'ghn', 'gho', 'gl', 'd', 'ag', 'n', 'gd']
    expect([...GATE_KEYS].sort()).toEqual([...theirs, 'gx', 'gch', 'gei', 'gi', 'gtk', 'gkd'].sort())
  })

  it('are all absent in a bare link', () => {
    expect(decodeParams([])).toEqual(linkParams())
    expect(encodeParams(linkParams())).toEqual([])
  })

  it.each([
    ['gm', LIMITS.link_manifest_chars],
    ['ge', LIMITS.link_sealed_chars],
    ['ghk', LIMITS.link_sealed_key_chars],
    ['gt', LIMITS.credential_chars],
    ['gc', LIMITS.link_word_chars],
    ['ghn', LIMITS.link_word_chars],
    ['gho', LIMITS.link_word_chars],
    ['gn', LIMITS.link_names_chars],
    ['gd', LIMITS.link_names_chars],
  ])('%s has its limit', (key, most) => {
    expect(decodeParams([['g', 'google'], [key, 'x'.repeat(most)]])).not.toBeInstanceOf(Refused) // biome-ignore format: two pairs
    expect(decodeParams([['g', 'google'], [key, 'x'.repeat(most + 1)]])).toEqual(refusedAt(key)) // biome-ignore format: two pairs
  })

  it.each(['gn', 'gd'])('%s names a limited number', (key) => {
    const names = (count: number): Raw => [['g', 'names'], [key, Array(count).fill('x').join()]] // biome-ignore format: two pairs
    expect(decodeParams(names(LIMITS.link_names))).not.toBeInstanceOf(Refused)
    expect(decodeParams(names(LIMITS.link_names + 1))).toEqual(refusedAt(key))
  })

  it.each(['gi', 'gei'])('%s has its limit', (key) => {
    const longest = 'https://id.example/'.padEnd(LIMITS.link_word_chars, 'x')
    expect(decodeParams([[key, longest]])).not.toBeInstanceOf(Refused)
    expect(decodeParams([[key, `${longest}x`]])).toEqual(refusedAt(key))
  })

  it('drop a key that is longer than any key', () => {
    expect(decodeParams([['gh', writeKeyText(KEY).padEnd(LIMITS.link_key_chars + 1, 'A')]])).toEqual(linkParams())
  })

  it('hold no private part of a key', () => {
    const lent = { ...KEY, d: 'secret' }
    expect(encodeParams(linkParams({ mode: 'invite', creatorKey: lent, hostKey: KEY }))).toEqual([
      ['g', 'invite'],
      ['gk', writeKeyText(KEY)],
      ['gh', writeKeyText(KEY)],
    ])
  })

  it('of a guest begin as those of the room', () => {
    const room: LinkParams = linkParams({
      everyoneChecks: true,
      mode: 'invite',
      creatorKey: KEY,
      description: 'Plan',
      notice: 'Hi',
    })
    const raw = encodeParams(room)
    const guest = encodeParams({ ...room, invite: 'a.b', inviteKey: KEY.x })
    if (raw instanceof Refused || guest instanceof Refused) throw new Error('both can be written')
    expect(guest.slice(0, raw.length)).toEqual(raw)
    expect(guest.slice(raw.length).map(([key]) => key)).toEqual(['gt', 'gtk'])
  })

  it('always get an answer, with the key in a refusal', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gateKeys, anyText)), (raw) => {
        const answer = decodeParams(raw)
        if (answer instanceof Refused) expect(GATE_KEYS.has(answer.where)).toBe(true)
        else expect(encodeParams(answer)).not.toBeInstanceOf(Refused)
      }),
    )
  })

  it('are told by the first occurrence of a key, and by no unknown key', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gateKeys, anyText)), anyText, (raw, value) => {
        const again = raw.map(([key]): [string, string] => [key, value])
        expect(decodeParams([...raw, ...again, ['zz', value]])).toEqual(decodeParams(raw))
      }),
    )
    expect(first([['a', ''], ['a', '1']], 'a')).toBe('') // biome-ignore format: two pairs
    expect(first([], 'a')).toBeUndefined()
  })
})

describe('a form', () => {
  it('comes back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), (raw) => {
        expect(readForm(writeForm(raw))).toEqual(raw.map((pair) => pair.map((text) => text.toWellFormed())))
      }),
    )
  })
})
