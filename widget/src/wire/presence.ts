/**
 * What a participant says to the room's coordinator on the presence star.
 *
 * A credential that is too long is refused `too-long` at `jwt`, `agentAssertion` or `agentCredit`; the coordinator
 * answers that with `unverified` (4.3). Everything else unreadable is ignored by the receiver.
 * Source: PROTOCOL 4.1, 17.3 and 0 (lines 7, 8, 15, 18, 20).
 * Twin: kibitz/wire/presence.py.
 */
import { peerId } from './broker-frames.ts'
import { checked, type Decoded, either, flag, join, matching, oneOf, optional, record, tagged } from './codec.ts'
import {
  assertion,
  avatar,
  commandToken,
  credential,
  digest,
  displayName,
  mediaId,
  orderToken,
  passToken,
  seatToken,
  shownEntries,
  signedOrder,
  tags,
} from './fields.ts'
import { OPERATIONS, TARGETED } from './host-commands.ts'
import { Refused } from './refusal.ts'
import { hasMicrophone, toldMeta } from './roster.ts'
import { seconds } from './tokens.ts'

/** I am here. tags: undefined from an older build. */
export const ping = record('ping', { tags: ['f', optional(tags)] })
export type Ping = Decoded<typeof ping>

/** I leave the call; the connection stays. */
const leave = record('leave', {})
export type Leave = Decoded<typeof leave>

/** credential: what the gate asks for; assertion, credit: of an agent. */
const shownAtGate = {
  credential: ['jwt', credential],
  assertion: ['agentAssertion', assertion],
  credit: ['agentCredit', credential],
} as const

/** May I come in? */
const knock = record('knock', {
  name: ['name', displayName],
  avatar: ['avatar', avatar],
  seatToken: ['token', seatToken],
  mediaId: ['voiceId', mediaId],
  ...shownAtGate,
})
export type Knock = Decoded<typeof knock>

/** I am in the call, or out of it, with this state. hasMicrophone: undefined from an older build. */
const announce = record('announce', {
  isInCall: ['on', flag],
  hasCamera: ['cam', flag],
  name: ['name', displayName],
  avatar: ['avatar', avatar],
  mediaId: ['voiceId', mediaId],
  seatToken: ['token', seatToken],
  hasMicrophone,
  meta: ['meta', toldMeta],
  ...shownAtGate,
})
export type Announce = Decoded<typeof announce>

/** A host command under the host key (9.4). passToken: goes with an `admit` where the door asks for passes (17.3). */
const signedCommand = record('signed-command', { token: ['token', commandToken], passToken: ['pass', optional(passToken)] })
export type SignedCommand = Decoded<typeof signedCommand>

/** What the host wants. target: a media id for kick, a link id for admit and deny; issuedAt: epoch seconds. */
const command = record('command', {
  operation: ['op', oneOf(...OPERATIONS)],
  target: ['target', mediaId],
  issuedAt: ['iat', seconds],
  commandId: ['jti', matching('[0-9a-f]{24}', 24)],
})
export type Command = Decoded<typeof command>

const namesItsTarget = ({ operation, target }: Command, where: string): Refused | null =>
  TARGETED.includes(operation) && target === undefined ? new Refused('no-target', join(where, 'target')) : null

/** A host command that counts by the connection it came on (0.8). */
const plainCommand = record('plain-command', { command: ['cmd', checked(command, namesItsTarget)] })
export type PlainCommand = Decoded<typeof plainCommand>

/** What I show at the door of this connection (17.3). browserId: this browser in this room, for bans. */
export const show = record('show', {
  ownId: ['id', peerId],
  otherId: ['to', peerId],
  tags: ['f', tags],
  entries: ['show', shownEntries],
  order: ['order', optional(orderToken)],
  browserId: ['bid', digest],
})
export type Show = Decoded<typeof show>

/** Participant -> coordinator (4.1). */
export const toCoordinator = tagged(
  't',
  {
    ping,
    leave,
    knock,
    voice: announce,
    mod: either('cmd', 'plain-command', plainCommand, signedCommand),
    order: signedOrder,
    show,
  },
  {
    ping: 'ping',
    leave: 'leave',
    knock: 'knock',
    voice: 'announce',
    mod: ['signed-command', 'plain-command'],
    order: 'signed-order',
    show: 'show',
  },
)
export type ToCoordinator = Decoded<typeof toCoordinator>
