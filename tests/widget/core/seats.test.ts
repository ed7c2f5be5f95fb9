import { describe, expect, it } from 'vitest'
import { announced, left, members, opened, reaped, type Seats, SILENCE_MS, seen } from '../../../widget/src/core/seats.ts'
import type { Announce } from '../../../widget/src/wire/presence.ts'

const announce = (name: string, mediaId: string, more: Partial<Announce> = {}): Announce => ({
  kind: 'announce',
  isInCall: true,
  hasCamera: false,
  name,
  mediaId,
  seatToken: `seat-of-${name}`,
  ...more,
})
const empty: Seats = new Map()
const names = (seats: Seats) => members(seats).map((member) => member.name)

describe('seats', () => {
  it('lists who announced, in the order they came', () => {
    const seats = announced(
      announced(opened(empty, 'link-a', 0), 'link-a', announce('Ann', 'm-a'), 1),
      'link-b',
      announce('Ben', 'm-b'),
      2,
    )
    expect(names(seats)).toEqual(['Ann', 'Ben'])
  })

  it('does not list who only watches', () => {
    expect(names(opened(empty, 'link-a', 0))).toEqual([])
    expect(names(announced(empty, 'link-a', announce('Ann', 'm-a', { isInCall: false }), 0))).toEqual([])
  })

  it('gives a returning tab its own seat, never a second one', () => {
    const before = announced(empty, 'link-1', announce('Ann', 'm-1'), 0)
    const after = announced(before, 'link-2', announce('Ann', 'm-2'), 5)
    expect(members(after).map((member) => member.mediaId)).toEqual(['m-2'])
  })

  it('frees the seat of who left and of who is silent, but never our own', () => {
    const seats = announced(announced(empty, '', announce('Me', 'm-me'), 0), 'link-b', announce('Ben', 'm-b'), 0)
    expect(names(left(seats, 'link-b'))).toEqual(['Me'])
    expect(names(reaped(seats, '', SILENCE_MS))).toEqual(['Me', 'Ben'])
    expect(names(reaped(seats, '', SILENCE_MS + 1))).toEqual(['Me'])
    expect(names(reaped(seen(seats, 'link-b', 10), '', SILENCE_MS + 1))).toEqual(['Me', 'Ben'])
  })
})
