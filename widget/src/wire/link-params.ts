/**
 * What a link says about its room: the parameters after the room's name, both ways.
 *
 * Two forms. `Raw` is what stands in the link, in order, unknown keys included: pass a link on in this form, since the
 * id of a `gx` room depends on every letter of it. `LinkParams` is what it means, in clear names, for rules and pages.
 * Invariants: a key's first occurrence counts; an empty value counts as absent (only an empty `gx` does not); keys that
 * the table does not name never influence a rule; what would open a door by mistake is refused instead.
 * Limits: link_* in limits.json. Source: PROTOCOL.md 3, overridden by 0.10 and 17.1.
 * Twin: kibitz/wire/link_params.py.
 */
import { readBase64url } from './base64url.ts'
import { type Codec, type Decoded, optional, record } from './codec.ts'
import { type PublicKey, readKeyText, writeKeyText } from './keys.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { cut, isPlain } from './values.ts'

/** Keys and decoded values as they stand in a link, in order, duplicates and unknown keys included. */
export type Raw = readonly (readonly [key: string, value: string])[]

/** The rules at the door (PROTOCOL.md 3.2): nothing asked, a picked name, a code, a proven address (2), an invitation. */
export const MODES = ['open', 'names', 'code', 'email', 'google', 'invite'] as const
export type Mode = (typeof MODES)[number]

export type AgentWarning = 'none' | 'audio' | 'audio+video'

/** The values of a link are text; anything else cannot come from one. */
const fromText =
  <T>(read: (value: string, where: string) => T | Refused) =>
  (value: unknown, where = ''): T | Refused =>
    typeof value === 'string' ? read(value, where) : new Refused('wrong-type', where)

const same = (value: unknown): unknown => value

/** Text as it stands, of at most `most` units. */
const literal = (most: number): Codec<string | undefined> =>
  optional({
    decode: fromText((value, where) => (value.length <= most ? value : new Refused('link-unreadable', where))),
    encode: same,
  })

/** Text of which a page shows the first `most` units. */
const start = (most: number): Codec<string | undefined> =>
  optional({ decode: fromText((value) => cut(value, most)), encode: same })

/** base64url of exactly `count` bytes; anything else is as if it were not there. */
const bytes = (count: number): Codec<string | undefined> =>
  optional({
    decode: fromText((value) => {
      const data = readBase64url(value)
      return data instanceof Refused || data.length !== count ? undefined : value
    }),
    encode: same,
  })

const ADDRESS = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[!"$->@-~]*)?$/

/** An http(s) address without query. A damaged one is refused: the default in its place would ask somebody else. */
const issuer: Codec<string | undefined> = optional({
  decode: fromText((value, where) => {
    if (value.length > LIMITS.link_word_chars) return new Refused('link-unreadable', where)
    return ADDRESS.test(value) ? value : new Refused('link-incomplete', where)
  }),
  encode: same,
})

const names: Codec<readonly string[]> = {
  decode: fromText((value, where) => {
    const found = value
      .split(',')
      .map((part) => part.trim())
      .filter((name) => name)
    const isLong = value.length > LIMITS.link_names_chars || found.length > LIMITS.link_names
    return isLong ? new Refused('link-unreadable', where) : found
  }),
  encode: (list) => list.join(','),
  absent: () => [],
}

/** A public key; a corrupt one is dropped, and what needs it then fails (PROTOCOL.md 3.3). */
const key: Codec<PublicKey | undefined> = {
  decode: fromText((value) => {
    const found = readKeyText(value)
    return found instanceof Refused ? undefined : found
  }),
  encode: (found) => (found === undefined ? undefined : writeKeyText(found)),
  absent: () => undefined,
}

const mode: Codec<Mode> = {
  decode: fromText((value, where) => MODES.find((word) => word === value) ?? new Refused('link-too-new', where)),
  encode: (word) => (word === 'open' ? undefined : word),
  absent: () => 'open',
}

const oneIfOn = (isOn: boolean): string | undefined => (isOn ? '1' : undefined)

/** `gx`: 1, or a link of the future. */
const door: Codec<boolean> = {
  decode: fromText((value, where) => value === '1' || new Refused('link-too-new', where)),
  encode: oneIfOn,
  absent: () => false,
}

/** `gl`: 1 or 0. A damaged one is refused: little damage must not turn a waiting room off. */
const lobby: Codec<boolean> = {
  decode: fromText((value, where) => value === '1' || (value !== '0' && new Refused('link-too-new', where))),
  encode: oneIfOn,
  absent: () => false,
}

const WARNINGS: ReadonlyMap<string, AgentWarning> = new Map([
  ['a', 'audio'],
  ['1', 'audio'],
  ['av', 'audio+video'],
])
const WARNING_WORDS = { none: '0', audio: 'a', 'audio+video': 'av' } as const satisfies Record<AgentWarning, string>

const warning: Codec<AgentWarning> = {
  decode: fromText((value) => WARNINGS.get(value) ?? 'none'),
  encode: (word) => WARNING_WORDS[word],
  absent: () => 'none',
}

/** PROTOCOL.md 17.2: salt of 16, check of 32. */
const CODE_CHECK_BYTES = 48

/** PROTOCOL.md 17.2: a private scalar of P-256. */
const SCALAR_BYTES = 32

/** In the order of writing (PROTOCOL.md 3.3, 17.1): what is personal comes last, so a guest's link begins as the room's. */
const FIELDS = {
  everyoneChecks: ['gx', door],
  mode: ['g', mode],
  allowedNames: ['gn', names],
  creatorKey: ['gk', key],
  manifest: ['gm', literal(LIMITS.link_manifest_chars)],
  sealedManifest: ['ge', literal(LIMITS.link_sealed_chars)],
  clientId: ['gc', literal(LIMITS.link_word_chars)],
  hostKey: ['gh', key],
  sealedHostKey: ['ghk', literal(LIMITS.link_sealed_key_chars)],
  hostName: ['ghn', literal(LIMITS.link_word_chars)],
  hostEmail: ['gho', literal(LIMITS.link_word_chars)],
  lobbyAtStart: ['gl', lobby],
  declaredNames: ['gd', names],
  description: ['d', start(LIMITS.description_chars)],
  notice: ['n', start(LIMITS.notice_chars)],
  agentWarning: ['ag', warning],
  issuer: ['gi', issuer],
  codeCheck: ['gch', bytes(CODE_CHECK_BYTES)],
  emailIssuer: ['gei', issuer],
  creatorSecret: ['gkd', bytes(SCALAR_BYTES)],
  invite: ['gt', literal(LIMITS.credential_chars)],
  inviteKey: ['gtk', bytes(SCALAR_BYTES)],
} as const

const TABLE = record('link-params', FIELDS)

/**
 * What the parameters of a link mean (PROTOCOL.md 3.2). Text is undefined where the link has none.
 *
 * everyoneChecks: `gx`, the door of section 17. creatorKey, hostKey: undefined where unreadable. manifest: undefined
 * where there is a sealed one, which wins. codeCheck: base64url of salt(16) and check(32).
 * inviteKey, creatorSecret: base64url of a 32-byte scalar.
 */
export type LinkParams = Decoded<typeof TABLE>

/** The parameters of a new link: those given, the rest absent. */
export const linkParams = (given: Partial<LinkParams> = {}): LinkParams => ({ ...ABSENT, ...given })

const ABSENT: LinkParams = {
  kind: 'link-params',
  everyoneChecks: false,
  mode: 'open',
  allowedNames: [],
  creatorKey: undefined,
  manifest: undefined,
  sealedManifest: undefined,
  clientId: undefined,
  hostKey: undefined,
  sealedHostKey: undefined,
  hostName: undefined,
  hostEmail: undefined,
  lobbyAtStart: false,
  declaredNames: [],
  description: undefined,
  notice: undefined,
  agentWarning: 'none',
  issuer: undefined,
  codeCheck: undefined,
  emailIssuer: undefined,
  creatorSecret: undefined,
  invite: undefined,
  inviteKey: undefined,
}

/** A fragment that holds any of these is used alone (PROTOCOL.md 3.1). */
export const GATE_KEYS: ReadonlySet<string> = new Set(Object.values(FIELDS).map(([wire]) => wire))

const UNREAD_WHEN_OPEN = ['gn', 'gk', 'gm', 'ge', 'gch', 'gkd', 'gt', 'gtk'] as const

/** The value of a key's first occurrence, perhaps empty. */
export const first = (raw: Raw, key: string): string | undefined => raw.find(([name]) => name === key)?.[1]

/**
 * What the parameters mean.
 *
 * Refuses `link-too-new` (unknown mode, `gx` other than 1, `gl` other than 1 and 0), `link-incomplete` (what the mode
 * cannot do without is missing or unreadable, so nobody could ever pass) and `link-unreadable` (a value over its limit),
 * at the key.
 */
export const decodeParams = (raw: Raw): LinkParams | Refused => {
  const found = firsts(raw)
  if ((found.get('g') ?? 'open') === 'open') for (const unread of UNREAD_WHEN_OPEN) found.delete(unread)
  if (found.has('ge')) found.delete('gm')
  if (found.has('n') && !found.has('ag')) found.set('ag', WARNING_WORDS.audio)
  const params = TABLE.decode(Object.fromEntries(found), '')
  if (params instanceof Refused) return params
  const missing = gap(params, found)
  return missing === undefined ? params : new Refused('link-incomplete', missing)
}

const RULE_KEYS = ['g', 'gx', 'gl', 'gh', 'ghk', 'gho'] as const
const NO_RULE: ReadonlyMap<string, string> = new Map([
  ['g', 'open'],
  ['gl', '0'],
])

/** The first key that rules who may come in or who is host; undefined where there is none. */
export const ruleKey = (raw: Raw): string | undefined => {
  const found = firsts(raw)
  return RULE_KEYS.find((key) => (found.get(key) ?? NO_RULE.get(key)) !== NO_RULE.get(key))
}

/** A key that was one of a rule before it was damaged on its way (`amp;gl`, ` gl`, `GL`); undefined where there is none. */
export const garbledRuleKey = (raw: Raw): string | undefined =>
  raw.map(([key]) => key).find((key) => !isRuleKey(key) && isRuleKey(mended(key)))

const isRuleKey = (key: string): boolean => RULE_KEYS.some((rule) => rule === key)
const mended = (key: string): string => key.trim().toLowerCase().replace(/^amp;/, '')

const firsts = (raw: Raw): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [name, value] of raw) if (GATE_KEYS.has(name) && !found.has(name)) found.set(name, value)
  for (const [name, value] of found) if (!value && name !== 'gx') found.delete(name)
  return found
}

/** The key without which nobody could pass or, in a `gx` room, nobody could be host. */
const gap = (params: LinkParams, found: ReadonlyMap<string, string>): string | undefined => {
  if (params.mode === 'invite' && params.creatorKey === undefined) return 'gk'
  if (params.everyoneChecks && params.hostKey === undefined && found.has('gh')) return 'gh'
  if (params.mode === 'code' && params.codeCheck === undefined) return 'gch'
  if (params.mode === 'email' && params.emailIssuer === undefined) return 'gei'
  return undefined
}

/**
 * The parameters of a new link, in the order of writing.
 *
 * Refuses what decodeParams would, and `bad-value` at a key whose value would come back as another (a name with a
 * comma, a text over its limit, a part that the mode does not read): nothing is dropped in silence.
 */
export const encodeParams = (params: LinkParams): Raw | Refused => {
  const raw = written(params)
  const back = decodeParams(raw)
  if (back instanceof Refused) return back
  const changed = FIELD_NAMES.find((name) => !isSame(back[name], params[name]))
  return changed === undefined ? raw : new Refused('bad-value', FIELDS[changed][0])
}

const FIELD_NAMES = Object.keys(FIELDS) as (keyof typeof FIELDS)[] // Object.keys forgets which keys they are

const written = (params: LinkParams): Raw => {
  const record = TABLE.encode(params)
  const isSilent = params.agentWarning === 'none' && params.notice === undefined
  return Object.entries(isPlain(record) ? record : {}).flatMap(([wire, text]): Raw => {
    if (typeof text !== 'string' || !text || (wire === 'ag' && isSilent)) return []
    return [[wire, text.toWellFormed()]]
  })
}

/** Equal text, switches, lists of names and keys. */
const isSame = (left: unknown, right: unknown): boolean => {
  if (Object.is(left, right)) return true
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, at) => item === right[at])
  return isPlain(left) && isPlain(right) && left['x'] === right['x'] && left['y'] === right['y']
}

/**
 * Keys and values of application/x-www-form-urlencoded text, as URLSearchParams of a browser reads it (URL standard, 5.1).
 * Not by URLSearchParams: Node's garbles letters beyond Latin-1 in a value that also holds a broken escape.
 */
export const readForm = (text: string): Raw =>
  text
    .toWellFormed()
    .replace(/^\?/, '')
    .split('&')
    .filter((part) => part)
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [readEscaped(part), ''] : [readEscaped(part.slice(0, at)), readEscaped(part.slice(at + 1))]
    })

const readEscaped = (text: string): string => {
  const spaced = text.replaceAll('+', ' ')
  return spaced.includes('%') ? UTF8.decode(unescapeBytes(new TextEncoder().encode(spaced))) : spaced
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const PERCENT = 0x25

/** Bytes with their escapes read; a percent sign without two hexadecimal digits stands for itself. */
const unescapeBytes = (escaped: Uint8Array): Uint8Array => {
  const found = new Uint8Array(escaped.length)
  let length = 0
  for (let at = 0; at < escaped.length; at += 1) {
    const code = escaped[at] === PERCENT ? String.fromCharCode(...escaped.subarray(at + 1, at + 3)) : ''
    const isEscape = /^[0-9A-Fa-f]{2}$/.test(code)
    found[length] = isEscape ? Number.parseInt(code, 16) : (escaped[at] ?? 0)
    length += 1
    if (isEscape) at += 2
  }
  return found.subarray(0, length)
}

/** The way back (URL standard, 5.2): space is +, letters, digits and *-._ stand, all else is escaped. */
export const writeForm = (raw: Raw): string => {
  const form = new URLSearchParams()
  for (const [name, value] of raw) form.append(name, value)
  return form.toString()
}
