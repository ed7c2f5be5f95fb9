/**
 * Total decoders from small parts: a value in, the decoded value or a refusal out; and the way back.
 *
 * A message is a table of fields. The table gives both directions, so what we read and what we write cannot drift
 * apart. Fields are looked at in the table's order and the first refusal is the answer, the same in both languages.
 * Absent, undefined and null are the same for an optional field (PROTOCOL 4). Fields not in the table are dropped.
 * Twin: kibitz/wire/codec.py.
 */
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { cut, dataSize, FORBIDDEN_KEY, isPlain, jsonChars } from './values.ts'

/**
 * decode: never throws. encode: what goes on the wire, undefined for nothing.
 * absent: what stands for a field that is not there; without it the field is required (`missing`).
 */
export interface Codec<T> {
  readonly decode: (value: unknown, where?: string) => T | Refused
  readonly encode: (value: T) => unknown
  readonly absent?: () => T
}

export type Decoded<C> = C extends Codec<infer T> ? T : never

const same = (value: unknown): unknown => value

/** The path of a part inside where. */
export const join = (where: string, part: string | number): string => (where ? `${where}.${part}` : String(part))

/** true or false, nothing that merely looks like it. */
export const flag: Codec<boolean> = {
  decode: (value, where = '') => (typeof value === 'boolean' ? value : new Refused('wrong-type', where)),
  encode: same,
}

/** A whole number from least to most; refuses `wrong-type` or `bad-number`. */
export const whole = (least = 0, most: number = Number.MAX_SAFE_INTEGER): Codec<number> => ({
  decode: (value, where = '') => {
    if (typeof value !== 'number') return new Refused('wrong-type', where)
    return Number.isSafeInteger(value) && value >= least && value <= most ? value : new Refused('bad-number', where)
  },
  encode: same,
})

/** Any number that is not infinite and not NaN. */
export const finite: Codec<number> = {
  decode: (value, where = '') => {
    if (typeof value !== 'number') return new Refused('wrong-type', where)
    return Number.isFinite(value) ? value : new Refused('bad-number', where)
  },
  encode: same,
}

/** Well-formed text of least to most code units; longer is refused `too-long`, shorter `bad-value`. */
export const text = (most: number, least = 0): Codec<string> => ({
  decode: (value, where = '') => {
    if (typeof value !== 'string') return new Refused('wrong-type', where)
    if (value.length > most) return new Refused('too-long', where)
    return value.length >= least ? value.toWellFormed() : new Refused('bad-value', where)
  },
  encode: same,
})

/** Text of at most `most` units that is the whole of an ASCII pattern; refuses `wrong-type`, `too-long`, `bad-value`. */
export const matching = (pattern: string, most: number): Codec<string> => {
  const rule = new RegExp(`^(?:${pattern})$`, 'u')
  return {
    decode: (value, where = '') => {
      if (typeof value !== 'string') return new Refused('wrong-type', where)
      if (value.length > most) return new Refused('too-long', where)
      return rule.test(value) ? value : new Refused('bad-value', where)
    },
    encode: same,
  }
}

/** Text for people: cut to most code units, then trimmed; refuses `bad-value` when shorter than least. */
export const shown = (most: number, least = 0): Codec<string> => ({
  decode: (value, where = '') => {
    if (typeof value !== 'string') return new Refused('wrong-type', where)
    const piece = cut(value, most).toWellFormed().trim()
    return piece.length >= least ? piece : new Refused('bad-value', where)
  },
  encode: same,
})

/** One of a few words; anything else is refused `bad-value`. */
export const oneOf = <const Word extends string>(...allowed: readonly Word[]): Codec<Word> => ({
  decode: (value, where = '') => {
    if (typeof value !== 'string') return new Refused('wrong-type', where)
    return allowed.find((word) => word === value) ?? new Refused('bad-value', where)
  },
  encode: same,
})

/** Somebody else's data, kept as it is: what JSON can say, within the size and 32 levels. */
export const opaque = (maxJsonChars: number): Codec<unknown> => ({
  decode: (value, where = '') => {
    const chars = jsonChars(value, maxJsonChars)
    return chars instanceof Refused ? new Refused(chars.code, where) : value
  },
  encode: same,
})

/** As opaque, for data that may also hold bytes. */
export const opaqueData = (maxUnits: number): Codec<unknown> => ({
  decode: (value, where = '') => {
    const size = dataSize(value, maxUnits)
    return size instanceof Refused ? new Refused(size.code, where) : value
  },
  encode: same,
})

/** A list of at most `most` items (`too-many`), each decoded. */
export const many = <T>(item: Codec<T>, most: number): Codec<readonly T[]> => ({
  decode: (value, where = '') => {
    if (!Array.isArray(value)) return new Refused('wrong-type', where)
    if (value.length > most) return new Refused('too-many', where)
    const found: T[] = []
    for (const [index, part] of value.entries()) {
      const decoded = item.decode(part, join(where, index))
      if (decoded instanceof Refused) return decoded
      found.push(decoded)
    }
    return found
  },
  encode: (items) => items.map((part) => item.encode(part)),
})

/**
 * A list whose unreadable items are dropped.
 * The rest is not looked at after `most` readable ones, nor after kept_looks times as many of any kind.
 */
export const kept = <T>(item: Codec<T>, most: number): Codec<readonly T[]> => ({
  decode: (value, where = '') => {
    if (!Array.isArray(value)) return new Refused('wrong-type', where)
    const found: T[] = []
    const looks = LIMITS.kept_looks * most
    for (const [index, part] of value.entries()) {
      if (found.length === most || index === looks) break
      const decoded = item.decode(part, join(where, index))
      if (!(decoded instanceof Refused)) found.push(decoded)
    }
    return found
  },
  encode: (items) => items.map((part) => item.encode(part)),
})

/** A record used as a map: at most `most` keys of at most keyChars, each value decoded. */
export const keyed = <T>(item: Codec<T>, most: number, keyChars: number = LIMITS.name_chars): Codec<ReadonlyMap<string, T>> => ({
  decode: (value, where = '') => {
    if (!isPlain(value)) return new Refused('not-a-record', where)
    const keys = Object.keys(value)
    if (keys.length > most) return new Refused('too-many', where)
    const found = new Map<string, T>()
    for (const key of keys) {
      if (key === FORBIDDEN_KEY) return new Refused('forbidden-key', where)
      if (key.length > keyChars) return new Refused('too-long', where)
      const decoded = item.decode(value[key], join(where, key))
      if (decoded instanceof Refused) return decoded
      found.set(key, decoded)
    }
    return found
  },
  encode: (entries) => Object.fromEntries([...entries].map(([key, part]) => [key, item.encode(part)])),
})

/** A part that may be absent; absent is undefined and is not written. */
export const optional = <T>(item: Codec<T>): Codec<T | undefined> => ({
  decode: (value, where = '') => (value === undefined || value === null ? undefined : item.decode(value, where)),
  encode: (value) => (value === undefined ? undefined : item.encode(value)),
  absent: () => undefined,
})

/** A part that may be absent and then has a standard value; it is always written. */
export const fallback = <T>(item: Codec<T>, standard: T): Codec<T> => ({
  decode: (value, where = '') => (value === undefined || value === null ? standard : item.decode(value, where)),
  encode: item.encode,
  absent: () => standard,
})

/** A flag that is written only when it is true, and need not be said when it is false. */
export const mark: Codec<boolean | undefined> = { ...flag, encode: (value) => value || undefined, absent: () => false }

/** A text that may be absent, where an empty one says the same. */
export const filled = (item: Codec<string>): Codec<string | undefined> => ({
  decode: (value, where = '') =>
    value === undefined || value === null || value === '' ? undefined : item.decode(value, where) || undefined,
  encode: (value) => (value === undefined ? undefined : item.encode(value)),
  absent: () => undefined,
})

/** A part that is ignored when it is not readable: the item's own value for absent stands instead. */
export const lenient = <T>(item: Codec<T>): Codec<T> => ({
  ...item,
  decode: (value, where = '') => {
    const decoded = item.decode(value, where)
    return decoded instanceof Refused && item.absent ? item.absent() : decoded
  },
})

/** A part with a rule over the decoded whole; rule(value, where) answers the refusal, or null. */
export const checked = <T>(item: Codec<T>, rule: (value: T, where: string) => Refused | null): Codec<T> => ({
  ...item,
  decode: (value, where = '') => {
    const decoded = item.decode(value, where)
    return decoded instanceof Refused ? decoded : (rule(decoded, where) ?? decoded)
  },
})

/** One row of a message's table: its name on the wire and how its value is read and written. */
export type Field<T> = readonly [wire: string, codec: Codec<T>]

// biome-ignore lint/suspicious/noExplicitAny: a table's rows differ in type; each is inferred again in Fields
type Table = { readonly [name: string]: Field<any> }
type IsOptional<F> = F extends Field<infer T> ? (undefined extends T ? true : false) : never
/** Whoever writes a message may leave out what may be absent. */
type Fields<S extends Table> = {
  readonly [Name in keyof S as IsOptional<S[Name]> extends true ? never : Name]: Decoded<S[Name][1]>
} & {
  readonly [Name in keyof S as IsOptional<S[Name]> extends true ? Name : never]?: Decoded<S[Name][1]>
}

/** A record with fixed fields: the key is the clear name, `kind` tells the decoded records apart. */
export const record = <const Kind extends string, S extends Table>(
  kind: Kind,
  table: S,
): Codec<{ readonly kind: Kind } & Fields<S>> => {
  type Shape = { readonly kind: Kind } & Fields<S>
  const rows = Object.entries(table)
  return {
    decode: (value, where = '') => {
      if (!isPlain(value)) return new Refused('not-a-record', where)
      const found: Record<string, unknown> = { kind }
      for (const [name, [wire, codec]] of rows) {
        const path = join(where, wire)
        const part = Object.hasOwn(value, wire) ? value[wire] : undefined
        const decoded = part === undefined || part === null ? absent(codec, path) : codec.decode(part, path)
        if (decoded instanceof Refused) return decoded
        found[name] = decoded
      }
      return found as Shape // every row of the table was decoded by its own codec just above
    },
    encode: (message) => {
      const written: Record<string, unknown> = {}
      for (const [name, [wire, codec]] of rows) {
        const part = codec.encode(message[name as keyof Shape])
        if (part !== undefined) written[wire] = part
      }
      return written
    },
  }
}

const absent = (codec: Codec<unknown>, path: string): unknown => (codec.absent ? codec.absent() : new Refused('missing', path))

type Kinded = { readonly kind: string }

/** One of two records under one word, told apart by whether the field `by` is there; kind is that of the one that has it. */
export const either = <A extends Kinded, B extends Kinded>(
  by: string,
  kind: A['kind'],
  having: Codec<A>,
  lacking: Codec<B>,
): Codec<A | B> => {
  const hasIt = (message: A | B): message is A => message.kind === kind
  return {
    decode: (value, where = '') => {
      if (!isPlain(value)) return new Refused('not-a-record', where)
      const part = Object.hasOwn(value, by) ? value[by] : undefined
      return part === undefined || part === null ? lacking.decode(value, where) : having.decode(value, where)
    },
    encode: (message) => (hasIt(message) ? having.encode(message) : lacking.encode(message)),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the members of a union of messages, inferred again in Message
type Kinds = { readonly [word: string]: Codec<any> }
type Message<K extends Kinds> = Decoded<K[keyof K]>

/**
 * One of several records, told apart by the word under `tag` (`t` on the star, `k` on the mesh).
 * kindOf: wire word -> the `kind` of its record (or several, see either). Refuses `missing`, `wrong-type` or `unknown-kind` at the tag.
 */
export const tagged = <K extends Kinds>(
  tag: string,
  kinds: K,
  kindOf: { readonly [Word in keyof K]: string | readonly string[] },
): Codec<Message<K>> => {
  const wordOf = new Map(Object.entries(kindOf).flatMap(([word, named]) => [named].flat().map((kind) => [kind, word])))
  return {
    decode: (value, where = '') => {
      if (!isPlain(value)) return new Refused('not-a-record', where)
      const word = Object.hasOwn(value, tag) ? value[tag] : undefined
      if (word === undefined || word === null) return new Refused('missing', join(where, tag))
      if (typeof word !== 'string') return new Refused('wrong-type', join(where, tag))
      const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined
      return kind ? kind.decode(value, where) : new Refused('unknown-kind', join(where, tag))
    },
    encode: (message) => {
      const word = wordOf.get(message.kind)
      const kind = word === undefined ? undefined : kinds[word]
      if (word === undefined || !kind) throw new TypeError(`no wire word for ${String(message.kind)}`)
      return { [tag]: word, ...(kind.encode(message) as object) }
    },
  }
}
