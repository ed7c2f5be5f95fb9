/**
 * The roster: who is in the call, as the coordinator tells it.
 *
 * One unreadable member is left out, the rest stands. A member's meta is the application's own data, but for the
 * reserved key `~kbz`, in which an engine tells what it can do; there whatever is not readable counts as not told.
 * Older builds bound no meta, so for one that is too large or otherwise unreadable nobody is left out: what tells agents
 * from people is kept.
 * Limits: 256 members, 4 KiB of meta without `~kbz`. Source: PROTOCOL 4.2, 6.4, 0 (lines 13-15, 18, 20).
 * Twin: kibitz/wire/roster.py.
 */
import { peerId } from './broker-frames.ts'
import {
  type Codec,
  type Decoded,
  type Field,
  fallback,
  filled,
  flag,
  kept,
  lenient,
  mark,
  optional,
  record,
  shown,
  text,
  whole,
} from './codec.ts'
import { avatar, displayName, mediaId, orderToken, tags } from './fields.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { isPlain, jsonChars } from './values.ts'

const ENGINE_KEY = '~kbz'

const build = lenient(filled(shown(LIMITS.build_chars)))

/** What a member's engine says of itself. generation: of its wire protocol. */
export const engine = record('engine', {
  version: ['v', build],
  tags: ['f', lenient(fallback(tags, []))],
  build: ['b', build],
  generation: ['p', lenient(optional(whole()))],
})
export type Engine = Decoded<typeof engine>

/** A member's meta. app: the application's own fields, kept as they are. */
export interface Meta {
  readonly app: Readonly<{ [key: string]: unknown }>
  readonly engine: Engine | undefined
}

/** What one's own application may tell; refuses `not-a-record` and the codes of jsonChars. */
export const meta: Codec<Meta> = {
  decode: (value, where = '') => {
    if (!isPlain(value)) return new Refused('not-a-record', where)
    const app = Object.fromEntries(Object.entries(value).filter(([key]) => key !== ENGINE_KEY))
    const chars = jsonChars(app, LIMITS.meta_json_chars)
    if (chars instanceof Refused) return new Refused(chars.code, where)
    return { app, engine: engineOf(value) }
  },
  encode: (value) => (value.engine === undefined ? value.app : { ...value.app, [ENGINE_KEY]: engine.encode(value.engine) }),
}

const engineOf = (entries: Meta['app']): Engine | undefined => {
  const told = engine.decode(Object.hasOwn(entries, ENGINE_KEY) ? entries[ENGINE_KEY] : undefined)
  return told instanceof Refused ? undefined : told
}

const role = lenient(filled(text(LIMITS.word_chars)))

const reduced = (value: unknown): Meta | undefined => {
  if (!isPlain(value)) return undefined
  const kept = role.decode(Object.hasOwn(value, 'role') ? value['role'] : undefined)
  return { app: typeof kept === 'string' ? { role: kept } : {}, engine: engineOf(value) }
}

/** Somebody else's meta: of one that meta refuses, the `role` and `~kbz`; none, where it is no record. */
export const toldMeta: Codec<Meta | undefined> = {
  ...optional(meta),
  decode: (value, where = '') => {
    const found = meta.decode(value, where)
    return found instanceof Refused ? reduced(value) : found
  },
}

/** Whether a microphone is on; unknown where that is not said or not readable. */
export const hasMicrophone: Field<boolean | undefined> = ['mic', lenient(optional(flag))]

/** Somebody in the call. hasMicrophone: undefined where an older build does not say. */
export const member = record('member', {
  mediaId: ['id', peerId],
  name: ['name', displayName],
  hasCamera: ['cam', flag],
  avatar: ['avatar', avatar],
  hasMicrophone,
  meta: ['meta', toldMeta],
})
export type Member = Decoded<typeof member>

const host: Codec<string | undefined> = { ...lenient(mediaId), encode: (id) => id ?? '' }

/**
 * The room as its coordinator tells it.
 *
 * hostId: the host's media id, undefined while there is none. headCount: how many are in the call, told to who only
 * watches. isPartial: others are here too. tags: undefined where the coordinator is an older build.
 */
export const roster = record('roster', {
  members: ['members', kept(member, LIMITS.roster_members)],
  hasLobby: ['lobby', mark],
  hostId: ['host', host],
  isLocked: ['locked', mark],
  headCount: ['n', optional(whole())],
  isPartial: ['partial', mark],
  tags: ['f', optional(tags)],
  order: ['order', optional(orderToken)],
})
export type Roster = Decoded<typeof roster>
