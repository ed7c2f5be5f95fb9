/**
 * What the vectors command can recompute: one entry for each group of a vector file.
 *
 * A row has fields that are given and states what comes of them: named values (`found`), or a verdict: `gives`, or
 * `refused` with `where`. Signatures differ each time they are made, so they are checked and what they sign is compared.
 * Source: PROTOCOL.md appendix V. Twin: kibitz/vector_groups.py.
 */
import { readBase64url } from '../src/wire/base64url.ts'
import { type Codec, type Decoded, finite, keyed, many, matching, oneOf, optional, whole } from '../src/wire/codec.ts'
import * as door from '../src/wire/door.ts'
import { fingerprint, fingerprintOfSdp, memberHash, nonce } from '../src/wire/fingerprints.ts'
import { COMMAND_KIND, checkCommand, commandMark, hostCommand, openCommand } from '../src/wire/host-commands.ts'
import { checkGuest, checkInvitation, invitation } from '../src/wire/invitations.ts'
import {
  type PublicKey,
  privateFromScalar,
  privateKey,
  publicKey,
  readKeyText,
  signingKey,
  thumbprint,
} from '../src/wire/keys.ts'
import { admits, checkManifest, hashed, invitee, manifest, manifestOf } from '../src/wire/manifests.ts'
import { Refused } from '../src/wire/refusal.ts'
import { gxPeerId, normalise, peerId } from '../src/wire/rooms.ts'
import { pairCode } from '../src/wire/safety-code.ts'
import { seal, unseal } from '../src/wire/seal.ts'
import { openToken } from '../src/wire/tokens.ts'
import { isPlain } from '../src/wire/values.ts'

export const text: Codec<string> = {
  decode: (value, where = '') => (typeof value === 'string' ? value : new Refused('wrong-type', where)),
  encode: (value) => value,
}

/** Exactly so many bytes as lower-case hex. */
const hexBytes = (count: number): Codec<Uint8Array<ArrayBuffer>> => {
  const written = matching(`[0-9a-f]{${2 * count}}`, 2 * count)
  return {
    decode: (value, where = '') => {
      const found = written.decode(value, where)
      return found instanceof Refused ? found : Uint8Array.from(Buffer.from(found, 'hex'))
    },
    encode: (value) => toHex(value),
  }
}

const toHex = (data: Uint8Array): string => Buffer.from(data).toString('hex')

const anything: Codec<unknown> = { decode: (value) => value, encode: (value) => value }
const maybeNow: Codec<number | undefined> = optional(finite)

/** What other groups of the same file build upon. */
export const CONTEXT = {
  room: text,
  fingerprint,
  now: finite,
  host_key: publicKey,
  creator_key: publicKey,
  public_key: publicKey,
  keys: keyed(publicKey, 64),
} as const
export type ContextName = keyof typeof CONTEXT
type Context = { readonly [Name in ContextName]: Decoded<(typeof CONTEXT)[Name]> }

type Rows = readonly unknown[] | Refused

/** A group with many rows. */
const asList = (value: unknown): Rows => (Array.isArray(value) ? value : new Refused('wrong-type'))

/** A group that is one row. */
const asOne = (value: unknown): Rows => [value]

/** A group whose rows are two values without names. */
const asPairs =
  (first: string, second: string) =>
  (value: unknown): Rows => {
    if (!Array.isArray(value) || !value.every((row) => Array.isArray(row) && row.length === 2)) return new Refused('wrong-type')
    return value.map((row) => ({ [first]: row[0], [second]: row[1] }))
  }

// biome-ignore lint/suspicious/noExplicitAny: fields differ in type; each is inferred again in Row
export type Fields = { readonly [name: string]: Codec<any> }
type Row<F extends Fields> = { readonly [Name in keyof F]: Decoded<F[Name]> }
type Values = Readonly<Record<string, unknown>>

interface Shape {
  /** Fields a row states; none for a verdict. */
  readonly found: readonly string[]
  readonly rows: (value: unknown) => Rows
  /** Fields of the context. */
  readonly needs: readonly ContextName[]
  /** Fields of the rows inside a row that must be refused. */
  readonly refused: readonly string[]
}

/** given: fields of a row; compute: (row, context) to values or a verdict; refuse: what must refuse the rows inside a row. */
export interface Group extends Shape {
  readonly given: Fields
  readonly compute: (row: Values, context: Values) => unknown
  readonly refuse: ((row: Values, context: Values) => unknown) | null
}

const group = <F extends Fields>(
  given: F,
  compute: (row: Row<F>, context: Context) => unknown,
  shape: Partial<Shape> & { readonly refuse?: (row: Row<F>, context: Context) => unknown } = {},
): Group => ({
  found: [],
  rows: asList,
  needs: [],
  refused: [],
  ...shape,
  given,
  compute: (row, context) => compute(row as Row<F>, context as Context), // decoded by `given` and CONTEXT, and `needs` are there
  refuse: shape.refuse ? (row, context) => shape.refuse?.(row as Row<F>, context as Context) : null, // as above
})

const written = <T>(codec: Codec<T>, value: T | Refused): unknown => (value instanceof Refused ? value : codec.encode(value))

/** The room a payload states, which it is then checked against. */
const roomOf = (payload: unknown): string => {
  const room = isPlain(payload) ? payload['room'] : ''
  return typeof room === 'string' ? room : ''
}

// --- the two frozen files --------------------------------------------------------------------------------------------

const accepted = (found: unknown, token: string): Values => ({ token: found instanceof Refused ? found : token })

const here = (context: Context) => ({ room: context.room, handshook: context.fingerprint, now: context.now })

const hostEntry = (row: { readonly token: string }, context: Context): Promise<unknown> =>
  door.checkHostEntry(row.token, context.host_key, here(context))

const pass = (row: { readonly token: string }, context: Context): Promise<unknown> =>
  door.checkPass(row.token, context.host_key, here(context))

const guest = (row: { readonly gt: string; readonly proof: string }, context: Context) =>
  checkGuest(row.gt, row.proof, { creator: context.creator_key, ...here(context) })

const doorInvite = async (
  row: { readonly gt: string; readonly gtk: string; readonly proof: string },
  context: Context,
): Promise<Values> => {
  const found = await guest(row, context)
  if (found instanceof Refused) return { gtk: found, names: found, ban: found }
  const ban = await door.banHash('inv', found.invitationId, context.room)
  return { gtk: await guestScalar(row, context), names: found.name, ban }
}

const guestScalar = async (row: { readonly gt: string; readonly gtk: string }, context: Context): Promise<unknown> => {
  const found = await checkInvitation(row.gt, context.creator_key, { room: context.room, now: null })
  if (found instanceof Refused || !found.guestKey) return found
  const secret = privateFromScalar(row.gtk, found.guestKey)
  const ready = secret instanceof Refused ? secret : await signingKey(secret)
  return ready instanceof Refused ? ready : row.gtk
}

const codeRow = { typed: text, salt_hex: hexBytes(16), gch: text, proof: text }

const code = async (row: Row<typeof codeRow>, context: Context): Promise<Values> => {
  const key = await door.codeKey(row.typed, row.salt_hex)
  const proving = await door.openCodeCheck(row.gch, row.typed)
  if (proving instanceof Refused) return { gch: proving, proof: proving }
  const refused = await door.wrongCodeEntry({ credential: door.CODE_KIND, proof: row.proof }, proving, here(context))
  const proof = await door.codeProof(await door.proofKey(key), context.room, context.fingerprint)
  return { gch: await door.writeCodeCheck(key, row.salt_hex), proof: refused ?? proof }
}

const sealRow = {
  version: whole(1, 2),
  passphrase: text,
  salt_hex: hexBytes(16),
  iv_hex: hexBytes(12),
  plaintext: text,
  blob: text,
}

const sealed = async (row: Row<typeof sealRow>): Promise<Values> => ({
  blob: await seal(row.plaintext, row.passphrase, {
    salt: row.salt_hex,
    iv: row.iv_hex,
    version: row.version === 1 ? 1 : 2,
  }),
  plaintext: await unseal(row.blob, row.passphrase),
})

const banKind = oneOf('inv', 'eml', 'fp', 'mid', 'bid')

export const FROZEN: { readonly [name: string]: Group } = {
  room_id: group({ text }, (row) => ({ room: normalise(row.text) }), { found: ['room'], rows: asPairs('text', 'room') }),
  peer_id: group({ room: text }, (row) => ({ id: peerId(row.room) }), { found: ['id'], rows: asPairs('room', 'id') }),
  nonce: group({ fingerprint: text, salt: text }, async (row) => ({ nonce: await nonce(row.fingerprint, row.salt) }), {
    found: ['nonce'],
  }),
  safety_code: group(
    { a: text, b: text, indexes: many(whole(0, 31), 32) },
    async (row) => ({ indexes: await pairCode(row.a, row.b, row.indexes.length) }),
    { found: ['indexes'] },
  ),
  member_hash: group({ email: text, room: text }, async (row) => ({ hash: await memberHash(row.email, row.room) }), {
    found: ['hash'],
  }),
  seal: group(sealRow, sealed, { found: ['plaintext', 'blob'] }),
  thumbprint: group({}, async (_, context) => ({ thumbprint: await thumbprint(context.public_key) }), {
    found: ['thumbprint'],
    rows: (value) => [{ thumbprint: value }],
    needs: ['public_key'],
  }),
  invite: group(
    { token: text, payload: anything },
    async (row, context) => {
      const found = await checkInvitation(row.token, context.public_key, { room: roomOf(row.payload), now: null })
      return { payload: written(invitation, found) }
    },
    { found: ['payload'], rows: asOne, needs: ['public_key'] },
  ),
  host_command: group(
    { token: text, payload: anything },
    async (row, context) => {
      const found = written(hostCommand, await openCommand(row.token, context.public_key, roomOf(row.payload)))
      return { payload: isPlain(found) ? { k: COMMAND_KIND, ...found } : found }
    },
    { found: ['payload'], rows: asOne, needs: ['public_key'] },
  ),
  room_peer_id: group({ link: keyed(text, 64) }, async (row, context) => ({ id: await gxPeerId(context.room, [...row.link]) }), {
    found: ['id'],
    rows: asOne,
    needs: ['room'],
  }),
  code: group(codeRow, code, { found: ['gch', 'proof'], rows: asOne, needs: ['room', 'fingerprint'] }),
  host: group({ token: text }, async (row, context) => accepted(await hostEntry(row, context), row.token), {
    found: ['token'],
    rows: asOne,
    needs: ['room', 'fingerprint', 'host_key'],
    refused: ['token'],
    refuse: hostEntry,
  }),
  pass: group({ token: text }, async (row, context) => accepted(await pass(row, context), row.token), {
    found: ['token'],
    rows: asOne,
    needs: ['room', 'fingerprint', 'now', 'host_key'],
    refused: ['token'],
    refuse: pass,
  }),
  ban: group(
    { kind: banKind, value: text },
    async (row, context) => ({ hash: await door.banHash(row.kind, row.value, context.room) }),
    { found: ['hash'], needs: ['room'] },
  ),
}

/** The `invite` group of a file that has a `creator_key`: with a guest key and its proof. */
export const DOOR_INVITE: Group = group({ gt: text, gtk: text, proof: text }, doorInvite, {
  found: ['gtk', 'names', 'ban'],
  rows: asOne,
  needs: ['room', 'fingerprint', 'now', 'creator_key'],
  refused: ['gt', 'proof'],
  refuse: guest,
})

/** Groups of later formats, records both: said, not compared, and not a failure. */
export const NOT_YET: readonly string[] = ['record', 'group_code']

// --- our own files: verdicts -----------------------------------------------------------------------------------------

const keyNamed = (name: string, context: Context): PublicKey => {
  const found = context.keys.get(name)
  if (!found) throw new RangeError(`no key is called ${name}`) // the caller has looked
  return found
}

const hex = (found: Uint8Array | Refused): string | Refused => (found instanceof Refused ? found : toHex(found))

const publicVerdict = (value: unknown): Promise<string> | Refused => {
  const key = publicKey.decode(value)
  return key instanceof Refused ? key : thumbprint(key)
}

const privateVerdict = async (value: unknown): Promise<unknown> => {
  const key = privateKey.decode(value)
  if (key instanceof Refused) return key
  const ready = await signingKey(key)
  return ready instanceof Refused ? ready : thumbprint(key.public)
}

const form = async (row: { readonly rows: readonly unknown[]; readonly room: string; readonly exp: number }) => {
  const rows = row.rows.flatMap((entry) => {
    const found = invitee.decode(entry, 'rows')
    return found instanceof Refused ? [] : [found]
  })
  const plain = manifestOf(rows, { room: row.room, expiresAt: row.exp })
  return { plain: manifest.encode(plain), hashed: manifest.encode(await hashed(plain)) }
}

const signed = { token: text, key: text, room: text }
const needsKeys: { readonly needs: readonly ContextName[] } = { needs: ['keys'] }

export const VERDICTS: { readonly [name: string]: Group } = {
  base64url: group({ text }, (row) => hex(readBase64url(row.text))),
  public_keys: group({ jwk: anything }, (row) => publicVerdict(row.jwk)),
  private_keys: group({ jwk: anything }, (row) => privateVerdict(row.jwk)),
  key_texts: group({ text }, (row) => written(publicKey, readKeyText(row.text))),
  json_texts: group({ value: anything }, (row) => JSON.stringify(row.value)),
  tokens: group(
    { token: text, key: text, max: whole() },
    (row, context) => openToken(row.token, keyNamed(row.key, context), row.max),
    needsKeys,
  ),
  sealed: group({ blob: text, passphrase: text }, (row) => unseal(row.blob, row.passphrase)),
  fingerprints: group({ text: anything }, (row) => fingerprint.decode(row.text)),
  descriptions: group({ sdp: text }, (row) => fingerprintOfSdp(row.sdp)),
  nonces: group({ fingerprint: text, room: text }, (row) => nonce(row.fingerprint, row.room)),
  member_hashes: group({ identity: text, room: text }, (row) => memberHash(row.identity, row.room)),
  pair_codes: group({ one: text, other: text, count: whole() }, (row) => pairCode(row.one, row.other, row.count)),
  invitations: group(
    { ...signed, now: maybeNow },
    async (row, context) => {
      const place = { room: row.room, now: row.now ?? null }
      return written(invitation, await checkInvitation(row.token, keyNamed(row.key, context), place))
    },
    needsKeys,
  ),
  guests: group(
    { gt: text, proof: text, key: text, room: text, fingerprint: text, now: maybeNow },
    async (row, context) => {
      const place = { creator: keyNamed(row.key, context), room: row.room, handshook: row.fingerprint, now: row.now ?? null }
      const found = await checkGuest(row.gt, row.proof, place)
      return found instanceof Refused ? found : { name: found.name, id: found.invitationId, exp: found.expiresAt }
    },
    needsKeys,
  ),
  manifests: group(
    { ...signed, mode: optional(text), now: finite },
    async (row, context) => {
      const place = { room: row.room, mode: row.mode ?? null, now: row.now }
      return written(manifest, await checkManifest(row.token, keyNamed(row.key, context), place))
    },
    needsKeys,
  ),
  guest_lists: group(
    { ...signed, identity: text },
    async (row, context) => {
      const found = await checkManifest(row.token, keyNamed(row.key, context), { room: row.room, mode: null, now: 0 })
      return found instanceof Refused ? found : admits(found, row.identity)
    },
    needsKeys,
  ),
  forms: group({ rows: many(anything, 64), room: text, exp: finite }, form),
  host_commands: group(
    { ...signed, fingerprint: optional(text), now: finite },
    async (row, context) => {
      const place = { room: row.room, handshook: row.fingerprint ?? null, now: row.now }
      return written(hostCommand, await checkCommand(row.token, keyNamed(row.key, context), place))
    },
    needsKeys,
  ),
  command_marks: group(
    signed,
    async (row, context) => {
      const found = await openCommand(row.token, keyNamed(row.key, context), row.room)
      return found instanceof Refused ? found : commandMark(found, row.token)
    },
    needsKeys,
  ),
  host_entries: group(
    { ...signed, fingerprint: text },
    async (row, context) => {
      const place = { room: row.room, handshook: row.fingerprint }
      return written(door.bound, await door.checkHostEntry(row.token, keyNamed(row.key, context), place))
    },
    needsKeys,
  ),
  passes: group(
    { ...signed, fingerprint: text, now: maybeNow },
    async (row, context) => {
      const place = { room: row.room, handshook: row.fingerprint, now: row.now ?? null }
      return written(door.passClaims, await door.checkPass(row.token, keyNamed(row.key, context), place))
    },
    needsKeys,
  ),
  assertions: group(
    { token: text, allowed: many(text, 8), room: text, fingerprint: text, now: maybeNow },
    async (row, context) => {
      const keys = row.allowed.map((name) => keyNamed(name, context))
      const place = { room: row.room, handshook: row.fingerprint, now: row.now ?? null }
      const found = await door.checkAssertion(row.token, keys, place)
      return found instanceof Refused ? found : thumbprint(found)
    },
    needsKeys,
  ),
  orders: group(
    signed,
    async (row, context) => written(door.order, await door.openOrder(row.token, keyNamed(row.key, context), row.room)),
    needsKeys,
  ),
  codes: group({ typed: text }, (row) => door.strongCode(row.typed)),
  new_codes: group({ random_hex: hexBytes(16) }, (row) => door.newCode(row.random_hex)),
  code_checks: group({ gch: text, typed: text }, async (row) => hex(await door.openCodeCheck(row.gch, row.typed))),
  code_entries: group({ cred: text, proof: text, k2_hex: hexBytes(32), room: text, fingerprint: text }, async (row) => {
    const place = { room: row.room, handshook: row.fingerprint }
    return (await door.wrongCodeEntry({ credential: row.cred, proof: row.proof }, row.k2_hex, place)) ?? true
  }),
  bans: group({ kind: banKind, value: text, room: text }, (row) => door.banHash(row.kind, row.value, row.room)),
  browser_marks: group({ secret_hex: hexBytes(16), room: text }, (row) => door.browserMark(row.secret_hex, row.room)),
}
