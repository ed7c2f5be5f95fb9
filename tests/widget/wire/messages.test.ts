import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { READERS, verdict } from '../../../widget/src/wire/registry.ts'

type Row = {
  decoder: string
  what: string
  value?: unknown
  text?: unknown
  same?: true
  ok?: unknown
  refused?: string
  where?: string
}

// the shape is ours: tests/kibitz/wire/test_message_twins.py reads the same file
const rows: Row[] = JSON.parse(readFileSync(new URL('../../vectors/messages.json', import.meta.url), 'utf8'))

/** A vector's value with its short forms written out, so that long texts and lists need no room in the file. */
const grow = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(grow)
  if (typeof value !== 'object' || value === null) return value
  const entries: [string, unknown][] = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first && Array.isArray(first[1])) {
    const [how, parts] = first
    if (how === '~join') return parts.map(grow).join('')
    if (how === '~concat') return parts.flatMap(grow)
    const [unit, times] = [grow(parts[0]), Number(parts[1])]
    if (how === '~repeat') return String(unit).repeat(times)
    if (how === '~list') return Array.from({ length: times }, () => unit)
    if (how === '~keys') return Object.fromEntries(Array.from({ length: times }, (_, index) => [`k${index}`, unit]))
  }
  return Object.fromEntries(entries.map(([key, part]) => [key, grow(part)]))
}

const textOf = (row: Row): string => ('text' in row ? String(grow(row.text)) : JSON.stringify(grow(row.value)))

describe('the shared vectors of messages', () => {
  it.each(rows.map((row): [string, Row] => [`${row.decoder}: ${row.what}`, row]))('%s', (_, row) => {
    const found = verdict(row.decoder, textOf(row))
    const expected = row.refused ? { refused: row.refused, where: row.where } : { ok: grow(row.same ? row.value : row.ok) }
    expect(found).toEqual(expected)
  })

  it('has vectors for every decoder', () => {
    expect(new Set(rows.map((row) => row.decoder))).toEqual(new Set(READERS.keys()))
  })
})
