/**
 * Content on the mesh: what members of a call send each other directly.
 *
 * Who sent a message is the connection's matter; no field of a message says it. Kinds that only build B knows (7.5) are
 * `unknown-kind` for now. Source: PROTOCOL 7.1, 7.5 (the fields chat gained), 17.4, 18, 19 and 0 (lines 3, 7, 31).
 * Twin: kibitz/wire/content.py.
 */
import { peerId } from './broker-frames.ts'
import {
  type Codec,
  type Decoded,
  either,
  type Field,
  fallback,
  filled,
  finite,
  lenient,
  mark,
  matching,
  opaque,
  opaqueData,
  optional,
  record,
  shown,
  tagged,
  text,
  whole,
} from './codec.ts'
import { ORDER_KIND, order } from './door.ts'
import { avatar, digest, displayName, orderToken, passMessage, recordMessage, shownEntries, signedOrder, tags } from './fields.ts'
import { grantMap } from './grants.ts'
import { ink } from './ink.ts'
import { LIMITS } from './limits.ts'

const isDirect: Field<boolean | undefined> = ['dm', mark]

/**
 * A line. isDirect: it went to the receiver alone.
 *
 * lineId, sentAt (epoch ms), authorId, authorName: of a replayed line; for display only, nobody vouches for them.
 */
const chat = record('chat', {
  text: ['text', shown(LIMITS.chat_chars, 1)],
  isDirect,
  lineId: ['mid', lenient(filled(text(LIMITS.line_id_chars)))],
  sentAt: ['ts', lenient(optional(finite))],
  authorId: ['from', lenient(filled(text(LIMITS.peer_id_chars)))],
  authorName: ['name', lenient(filled(shown(LIMITS.name_chars)))],
})
export type Chat = Decoded<typeof chat>

const anyData: Codec<unknown> = { ...opaqueData(LIMITS.app_json_chars), absent: () => null, encode: (data) => data ?? null }

/** An application's own data, kept as it is; null is data too. */
export const appData = record('app-data', { data: ['data', anyData] })
export type AppData = Decoded<typeof appData>

/** A payment link. url: not yet judged, see pay-links. */
const payment = record('payment', {
  url: ['url', shown(LIMITS.pay_url_chars, 1)],
  label: ['label', filled(shown(LIMITS.pay_label_chars))],
  isDirect,
})
export type Payment = Decoded<typeof payment>

/** The sender's ID token (11). */
const idToken = record('id-token', { token: ['jwt', text(LIMITS.credential_chars, 1)] })
export type IdToken = Decoded<typeof idToken>

/** Everybody's grants; replaces what was there. By media id. */
const grants = record('grants', { grants: ['grants', grantMap] })
export type Grants = Decoded<typeof grants>

/** How to read the sender's app data. document: kept as it is. */
const schema = record('schema', {
  name: ['name', shown(LIMITS.schema_name_chars, 1)],
  version: ['version', fallback(shown(LIMITS.schema_version_chars), '')],
  document: ['schema', opaque(LIMITS.app_json_chars)],
})
export type Schema = Decoded<typeof schema>

/** This link lives (0.3). */
const heartbeat = record('heartbeat', {})
export type Heartbeat = Decoded<typeof heartbeat>

/** This link ends (0.31). */
const goodbye = record('goodbye', {})
export type Goodbye = Decoded<typeof goodbye>

/** A standing order that counts by the connection it came on (0.7, OIDC tier). order: its room is still to be checked. */
const plainOrder = record('plain-order', { order: ['order', tagged('k', { [ORDER_KIND]: order }, { [ORDER_KIND]: 'order' })] })
export type PlainOrder = Decoded<typeof plainOrder>

/** The first message of a link in rooms whose door everyone checks (17.4). */
const show = record('mesh-show', {
  ownId: ['id', peerId],
  otherId: ['to', peerId],
  name: ['name', displayName],
  avatar: ['avatar', avatar],
  role: ['role', filled(text(LIMITS.word_chars))],
  tags: ['f', tags],
  entries: ['show', shownEntries],
  order: ['order', optional(orderToken)],
  browserId: ['bid', digest],
})
export type MeshShow = Decoded<typeof show>

const round: Field<number> = ['n', whole(1)]

/** Round n of the safety code (18). setHash: over who takes part; commitment: to what I will reveal. */
const commit = record('safety-commit', { round, setHash: ['e', digest], commitment: ['c', digest] })
export type SafetyCommit = Decoded<typeof commit>

/** What the commit of the round was to: 16 random bytes, base64url. */
const reveal = record('safety-reveal', { round, random: ['r', matching('[A-Za-z0-9_-]{22}', 22)] })
export type SafetyReveal = Decoded<typeof reveal>

export const content = tagged(
  'k',
  {
    chat,
    app: appData,
    pay: payment,
    ink,
    idtoken: idToken,
    caps: grants,
    schema,
    hb: heartbeat,
    bye: goodbye,
    order: either('order', 'plain-order', plainOrder, signedOrder),
    show,
    pass: passMessage,
    sas: either('r', 'safety-reveal', reveal, commit),
    record: recordMessage,
  },
  {
    chat: 'chat',
    app: 'app-data',
    pay: 'payment',
    ink: 'ink',
    idtoken: 'id-token',
    caps: 'grants',
    schema: 'schema',
    hb: 'heartbeat',
    bye: 'goodbye',
    order: ['signed-order', 'plain-order'],
    show: 'mesh-show',
    pass: 'pass',
    sas: ['safety-commit', 'safety-reveal'],
    record: 'record',
  },
)
export type Content = Decoded<typeof content>
