/**
 * What the room's coordinator says to a participant on the presence star.
 *
 * Source: PROTOCOL 4.2, 17.3, 19 and 0 (lines 5, 7, 25, 29). The roster itself is in roster.ts.
 * Twin: kibitz/wire/coordination.py.
 */
import { peerId } from './broker-frames.ts'
import { type Decoded, kept, oneOf, optional, record, tagged, text } from './codec.ts'
import { avatar, commandToken, displayName, orderToken, passMessage, recordMessage, shownEntries } from './fields.ts'
import { fingerprint } from './fingerprints.ts'
import { LIMITS } from './limits.ts'
import { ping, show } from './presence.ts'
import { roster } from './roster.ts'

/** Where somebody stands who knocked or announced. */
const lobbyAnswer = record('lobby-answer', {
  status: ['status', oneOf('waiting', 'admitted', 'denied', 'locked', 'unverified')],
  order: ['order', optional(orderToken)],
})
export type LobbyAnswer = Decoded<typeof lobbyAnswer>

/** You are removed. token: the host's command or an order, where the receiver asks for one (0.25). */
const kick = record('kick', { token: ['token', optional(orderToken)] })
export type Kick = Decoded<typeof kick>

/** Clear what was said and drawn. token: as in Kick. */
const reset = record('reset', { token: ['token', optional(commandToken)] })
export type Reset = Decoded<typeof reset>

/** Somebody who waits. fingerprint, entries: in rooms whose door everyone checks (17.3). */
const knocker = record('knocker', {
  linkId: ['id', peerId],
  name: ['name', displayName],
  avatar: ['avatar', avatar],
  fingerprint: ['fp', optional(fingerprint)],
  entries: ['show', optional(shownEntries)],
})
export type Knocker = Decoded<typeof knocker>

/** Everybody who waits, for the host, oldest first; unreadable entries are left out. */
const knocks = record('knocks', { waiting: ['list', kept(knocker, LIMITS.knock_entries)] })
export type Knocks = Decoded<typeof knocks>

/** Your command was not obeyed. why: `clock`, or a word of a newer build. */
const commandRefused = record('command-refused', { why: ['why', text(LIMITS.word_chars, 1)] })
export type CommandRefused = Decoded<typeof commandRefused>

/** Coordinator -> participant (4.2). */
export const toParticipant = tagged(
  't',
  {
    ping,
    roster,
    lobby: lobbyAnswer,
    kick,
    reset,
    knocks,
    show,
    pass: passMessage,
    record: recordMessage,
    'mod-refused': commandRefused,
  },
  {
    ping: 'ping',
    roster: 'roster',
    lobby: 'lobby-answer',
    kick: 'kick',
    reset: 'reset',
    knocks: 'knocks',
    show: 'show',
    pass: 'pass',
    record: 'record',
    'mod-refused': 'command-refused',
  },
)
export type ToParticipant = Decoded<typeof toParticipant>
