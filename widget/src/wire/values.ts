/**
 * The values that travel: what JSON can say, plus bytes. Reading and measuring them within bounds, never throwing.
 * Twin: kibitz/wire/values.py, which follows this language's rules.
 */
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

/** Never a field name: here it is a way to another object's behaviour. */
export const FORBIDDEN_KEY = '__proto__'

const ESCAPED = /["\\\b\f\n\r\t]/gu
const LONG_ESCAPE = /[\x00-\x07\x0b\x0e-\x1f\ud800-\udfff]/gu

/** The first `units` code units, never half of a character. */
export const cut = (text: string, units: number): string => {
  const piece = text.slice(0, units)
  const last = piece.charCodeAt(piece.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? piece.slice(0, -1) : piece
}

/** The value of a JSON text (RFC 8259). Refuses `too-large` (more than maxChars), `too-deep`, `not-json`. */
export const readJson = (text: string, maxChars: number = LIMITS.json_chars): unknown => {
  if (text.length > maxChars) return new Refused('too-large')
  if (opensDeeperThan(text, LIMITS.depth)) return new Refused('too-deep')
  try {
    return JSON.parse(text)
  } catch {
    return new Refused('not-json') // JSON.parse has no other way to say so
  }
}

/** Whether brackets outside of strings nest deeper than limit; decided before parsing, as the twin must. */
const opensDeeperThan = (text: string, limit: number): boolean => {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at += 1
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '[' || char === '{') {
      depth += 1
      if (depth > limit) return true
    } else if (char === ']' || char === '}') depth -= 1
  }
  return false
}

/**
 * How many code units `JSON.stringify` makes of a value, without making them.
 *
 * Refuses `too-large` as soon as more than limit is sure, `too-deep`, `forbidden-key`, and `wrong-type` for what JSON
 * cannot say (bytes, NaN, functions and the like); so a value that passes can be kept, sent on and shown.
 */
export const jsonChars = (value: unknown, limit: number): number | Refused => chars(value, limit, LIMITS.depth, unsayable)

/** As jsonChars, for data that may also hold bytes (BinaryPack carries them): each byte counts as one unit. */
export const dataSize = (value: unknown, limit: number): number | Refused => chars(value, limit, LIMITS.depth, byteCount)

/** How much a value that JSON cannot say counts, within a limit. */
type Measure = (value: unknown, limit: number) => number | Refused

const unsayable: Measure = () => new Refused('wrong-type')

const byteCount: Measure = (value, limit) => {
  if (!(value instanceof ArrayBuffer || ArrayBuffer.isView(value))) return new Refused('wrong-type')
  return value.byteLength <= limit ? value.byteLength : new Refused('too-large')
}

/** Undefined counts as null: it is what BinaryPack makes of a field without value, and the twin reads it so. */
const chars = (value: unknown, limit: number, depth: number, other: Measure): number | Refused => {
  if (value === null || value === undefined || value === true) return 4
  if (value === false) return 5
  if (typeof value === 'string') return stringChars(value, limit)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value).length : new Refused('wrong-type')
  if (Array.isArray(value)) return depth === 0 ? new Refused('too-deep') : listChars(value, limit, depth - 1, other)
  if (isPlain(value)) return depth === 0 ? new Refused('too-deep') : recordChars(value, limit, depth - 1, other)
  return other(value, limit)
}

const listChars = (items: readonly unknown[], limit: number, depth: number, other: Measure): number | Refused => {
  let total = 2 + Math.max(0, items.length - 1)
  for (const item of items) {
    if (total > limit) return new Refused('too-large')
    const more = chars(item, limit - total, depth, other)
    if (more instanceof Refused) return more
    total += more
  }
  return total <= limit ? total : new Refused('too-large')
}

const recordChars = (
  entries: Readonly<Record<string, unknown>>,
  limit: number,
  depth: number,
  other: Measure,
): number | Refused => {
  const keys = Object.keys(entries)
  let total = 2 + Math.max(0, keys.length - 1)
  for (const key of keys) {
    if (total > limit) return new Refused('too-large')
    if (key === FORBIDDEN_KEY) return new Refused('forbidden-key')
    const keyChars = stringChars(key, limit - total)
    if (keyChars instanceof Refused) return keyChars
    total += keyChars + 1
    const more = chars(entries[key], limit - total, depth, other)
    if (more instanceof Refused) return more
    total += more
  }
  return total <= limit ? total : new Refused('too-large')
}

/** Code units of a string as JSON.stringify writes it (well-formed, ECMA-262 25.5.2.3). */
export const stringChars = (text: string, limit: number): number | Refused => {
  let units = text.length + 2
  if (units > limit) return new Refused('too-large')
  units += count(text, ESCAPED) + 5 * count(text, LONG_ESCAPE)
  return units <= limit ? units : new Refused('too-large')
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** A plain record: no array, no class, no inherited fields. */
export const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
