/**
 * A link, or what a person typed in its place: read into a room and its rules, and written.
 *
 * Invariants: nothing that is read is ever opened on another origin than ours; the query of somebody else's link is
 * dropped and its fragment kept, and where the dropped part held the rules the link is refused; a link is read whole or
 * refused; reading a written link gives what was written.
 * No URL class takes part: browsers and Python repair broken addresses differently, this module repairs none.
 * Limit: link_chars. Source: PROTOCOL.md 2.4, 3.1; RFC 3986, appendix B. Twin: kibitz/wire/links.py.
 */
import { LIMITS } from './limits.ts'
import {
  decodeParams,
  encodeParams,
  first,
  GATE_KEYS,
  garbledRuleKey,
  type LinkParams,
  linkParams,
  type Raw,
  readForm,
  ruleKey,
  writeForm,
} from './link-params.ts'
import { type Code, Refused } from './refusal.ts'
import { roomId, typedRoomId } from './rooms.ts'

/**
 * A link that can be entered.
 *
 * room: normalised. params: what the link means. raw: its parameters as they stand, for gxPeerId and for passing on.
 * notice: a code whose sentence the person should see (`link-foreign`), if any.
 */
export interface Opened {
  readonly kind: 'opened'
  readonly room: string
  readonly params: LinkParams
  readonly raw: Raw
  readonly notice: Code | undefined
}

/** The five parts of RFC 3986, 3. scheme is lower-cased; scheme and authority are undefined where they are not there. */
interface Parts {
  readonly scheme: string | undefined
  readonly authority: string | undefined
  readonly path: string
  readonly query: string
  readonly fragment: string
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/
const IS_ADDRESS = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/?#])/
/** A link as people read and copy it, `kibitz.example/#standup`; a room's name never looks like that. */
const SCHEMELESS = /^[A-Za-z0-9.-]+(?::[0-9]+)?\/(?:[?#]|j\/)/
const CONTROL = /[\x00-\x1f\x7f-\x9f]/
const ASCII = /^[\x00-\x7f]*$/

/** The schemes of a link, and the port that says the same as none. */
const NO_PORT: ReadonlyMap<string, RegExp> = new Map([
  ['http', /:(?:80)?$/],
  ['https', /:(?:443)?$/],
])

/** The share form `/j/<room>`. */
const SHARED = /^\/j\/([^/]*)/

/** Keys of a query that are for the page alone: the room of an embed, and a sponsor's ticket that must not travel on. */
const PAGE_KEYS: ReadonlySet<string> = new Set(['room', 'grant'])

/** Escapes that spell whole characters in UTF-8 (RFC 3629, 4); any other escape is left as it is. */
const ESCAPED = new RegExp(
  '(?:%[0-7][0-9a-f]|%(?:c[2-9a-f]|d[0-9a-f])%[89ab][0-9a-f]' +
    '|%(?:e0%[ab][0-9a-f]|e[1-9a-cef]%[89ab][0-9a-f]|ed%[89][0-9a-f])%[89ab][0-9a-f]' +
    '|%(?:f0%[9ab][0-9a-f]|f[1-3]%[89ab][0-9a-f]|f4%8[0-9a-f])(?:%[89ab][0-9a-f]){2})+',
  'gi',
)

/** A parameter where a room's name should be, perhaps escaped again: what parts the two was damaged, so the rules are lost. */
const STRAY_RULE = new RegExp(`(?:[?&]|%(?:25)*(?:3[Ff]|26))(?:${[...GATE_KEYS].join('|')})(?:=|%(?:25)*3[Dd])`)

/**
 * The room behind whatever a person typed or pasted, or behind the address of the page.
 *
 * typed: a bare name or code, an address of 2.4 with or without its scheme, or its part from `//`, `/`, `?` or `#` on.
 * ownOrigin: ours, `https://host[:port]`. Refuses `link-unreadable`, `link-elsewhere` at the rule that was for another
 * site, the codes of typedRoomId (a name), of roomId and of decodeParams.
 */
export const readLink = (typed: string, ownOrigin: string): Opened | Refused => {
  if (typed.length > LIMITS.link_chars) return new Refused('link-unreadable')
  const text = typed.toWellFormed().trim()
  if (SCHEMELESS.test(text)) return readAddress(`//${text}`, ownOrigin)
  if (IS_ADDRESS.test(text)) return readAddress(text, ownOrigin)
  const name = holdsRules(text) ? new Refused('link-unreadable') : typedRoomId(text)
  return name instanceof Refused ? name : opened(name, linkParams(), [])
}

const opened = (room: string, params: LinkParams, raw: Raw, notice?: Code): Opened => ({
  kind: 'opened',
  room,
  params,
  raw,
  notice,
})

const readAddress = (text: string, ownOrigin: string): Opened | Refused => {
  const parts = split(text)
  if (CONTROL.test(text) || isNowhere(parts)) return new Refused('link-unreadable')
  const room = roomOf(parts)
  if (room instanceof Refused) return room
  const own = isOwn(parts, ownOrigin)
  const raw = rawOf(parts, own)
  if (raw instanceof Refused) return raw
  if (garbledRuleKey(raw) !== undefined) return new Refused('link-unreadable')
  const params = decodeParams(raw)
  return params instanceof Refused ? params : opened(room, params, raw, own ? undefined : 'link-foreign')
}

/** What stands before and after the first of a mark; all of it before, where there is none. */
const partition = (text: string, mark: string): readonly [before: string, after: string] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const split = (text: string): Parts => {
  const [beforeFragment, fragment] = partition(text, '#')
  const [beforeQuery, query] = partition(beforeFragment, '?')
  const named = SCHEME.exec(beforeQuery)
  const scheme = named?.[1]?.toLowerCase()
  const rest = beforeQuery.slice(named?.[0].length ?? 0)
  if (!rest.startsWith('//')) return { scheme, authority: undefined, path: rest, query, fragment }
  const [authority] = partition(rest.slice(2), '/')
  return { scheme, authority, path: rest.slice(2 + authority.length), query, fragment }
}

/** Neither relative to us nor http(s) with a host. */
const isNowhere = ({ scheme, authority }: Parts): boolean =>
  authority === undefined ? scheme !== undefined : originOf(scheme ?? 'https', authority) === undefined

/** `scheme://host[:port]` in one spelling; undefined without a host or for another scheme. User info stays in it. */
const originOf = (scheme: string, authority: string): string | undefined => {
  const noPort = NO_PORT.get(scheme)
  if (!noPort) return undefined
  const spelled = (ASCII.test(authority) ? authority.toLowerCase() : authority).replace(noPort, '')
  const host = spelled.slice(spelled.lastIndexOf('@') + 1)
  return host && !host.startsWith(':') ? `${scheme}://${spelled}` : undefined
}

/** Whether an address is on our origin: scheme, host and port equal, never with user info. */
const isOwn = ({ scheme, authority }: Parts, ownOrigin: string): boolean => {
  if (authority === undefined) return true
  const own = split(ownOrigin)
  const home = originOf(own.scheme ?? '', own.authority ?? '')
  return !authority.includes('@') && home === originOf(scheme ?? own.scheme ?? '', authority)
}

/** The first place that names a room: `/j/` path, then fragment, then `?room=`; else the first reason against one. */
const roomOf = ({ path, query, fragment }: Parts): string | Refused => {
  const [named] = partition(fragment, '?')
  const embedded = first(readForm(query), 'room') ?? ''
  if ([path, named, embedded].some(holdsRules)) return new Refused('link-unreadable')
  const places = [unescapeText(SHARED.exec(path)?.[1] ?? ''), unescapeText(named), embedded]
  const answers = places.filter((place) => place).map(roomId)
  return answers.find((answer) => typeof answer === 'string') ?? answers[0] ?? new Refused('link-unreadable')
}

const holdsRules = (text: string): boolean => STRAY_RULE.test(unescapeText(text))

const unescapeText = (text: string): string => text.replace(ESCAPED, (run) => decodeURIComponent(run))

/**
 * The parameters that count (PROTOCOL.md 3.1): the fragment's alone if one is a gate key, else the query's, if ours.
 * Refuses `link-elsewhere` where a query that is not ours holds the rules: without them the room would stand open.
 */
const rawOf = ({ query, fragment }: Parts, own: boolean): Raw | Refused => {
  const inside = readForm(partition(fragment, '?')[1])
  if (inside.some(([key]) => GATE_KEYS.has(key))) return inside
  const outside = readForm(query)
  const rule = own ? undefined : ruleKey(outside)
  if (rule !== undefined) return new Refused('link-elsewhere', rule)
  const kept = own ? outside.filter(([key]) => !PAGE_KEYS.has(key)) : []
  return kept.length > 0 ? kept : inside
}

/**
 * A new link in the canonical form `<origin>/#<room>?<params>` (PROTOCOL.md 2.4, 3.1).
 *
 * origin: `https://host[:port]`. room: normalised. Refuses `bad-value` at `origin` or `room`, `link-too-long`, and the
 * codes of encodeParams. readLink gives the same room and params back.
 */
export const writeLink = (origin: string, room: string, params: LinkParams): string | Refused => {
  const raw = encodeParams(params)
  return raw instanceof Refused ? raw : writeRawLink(origin, room, raw)
}

/** A link that exists already, in the canonical form on our origin, nothing of it lost. Refuses as writeLink. */
export const writeRawLink = (origin: string, room: string, raw: Raw): string | Refused => {
  const { scheme, authority, path } = split(origin)
  const home = originOf(scheme ?? '', authority ?? '')
  const hasMore = (path !== '' && path !== '/') || /[?#@]/.test(origin)
  if (home === undefined || hasMore || CONTROL.test(origin)) return new Refused('bad-value', 'origin')
  if (roomId(room) !== room) return new Refused('bad-value', 'room')
  const link = appendParams(`${home}/#${room}`, raw)
  return link.length <= LIMITS.link_chars ? link : new Refused('link-too-long')
}

/** Parameters after those a link has already: plain string work (PROTOCOL.md 3.1), for a guest's `gt` and `gtk`. */
export const appendParams = (base: string, raw: Raw): string => {
  if (raw.length === 0) return base
  const joint = !base.includes('#') ? '#?' : partition(base, '#')[1].includes('?') ? '&' : '?'
  return `${base}${joint}${writeForm(raw)}`
}
