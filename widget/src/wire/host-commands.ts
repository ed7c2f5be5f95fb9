/**
 * Signed host commands (message `mod`): what the host asks of whoever coordinates, and each member checks for itself.
 *
 * A command holds for one room, one certificate and two minutes, and is done once. `kick` names a media id, `admit` and
 * `deny` a presence connection; other commands ignore a target. Commands and orders share one counter `seq` and the chain
 * `prev` (section 19). Source: PROTOCOL.md 0.6, 0.25, 9.4. Twin: kibitz/wire/host_commands.py.
 */
import { type Decoded, filled, matching, oneOf, optional, record, text, whole } from './codec.ts'
import { fingerprint } from './fingerprints.ts'
import type { PublicKey, SigningKey } from './keys.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { bodyId, openClaims, seconds, signClaims, tokenDigest, wrongAge, wrongCertificate, wrongRoom } from './tokens.ts'

export const COMMAND_KIND = 'kbz-host-cmd.v1'
export const OPERATIONS = ['claim', 'lobbyon', 'lobbyoff', 'admit', 'deny', 'lock', 'unlock', 'reset', 'kick'] as const
export type Operation = (typeof OPERATIONS)[number]
/** Operations upon somebody. */
export const TARGETED: readonly Operation[] = ['admit', 'deny', 'kick']

export const COMMAND_ID_BYTES = 12

/**
 * What a command says. fingerprint: the signer's own; issuedAt: epoch seconds.
 * commandId, seq and prev are missing in commands of older builds.
 */
export const hostCommand = record('host-command', {
  room: ['room', text(LIMITS.room_chars)],
  fingerprint: ['fp', fingerprint],
  operation: ['op', oneOf(...OPERATIONS)],
  target: ['target', filled(text(LIMITS.peer_id_chars))],
  issuedAt: ['iat', seconds],
  commandId: ['jti', optional(matching('[A-Za-z0-9_-]+', LIMITS.jti_chars))],
  seq: ['seq', optional(whole())],
  prev: ['prev', optional(tokenDigest)],
})
export type HostCommand = Decoded<typeof hostCommand>

/** A fresh `jti`: 24 hex digits of 12 random bytes. */
export const commandId = (random: Uint8Array): string => {
  if (random.length !== COMMAND_ID_BYTES) throw new RangeError('a command id is made of 12 bytes')
  return [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The token of a command. */
export const signCommand = (value: HostCommand, host: SigningKey): Promise<string> =>
  signClaims(COMMAND_KIND, hostCommand, value, host)

/** A command as the record keeps it: whatever its age. Order: the token's refusals, the fields', `wrong-room`, `no-target`. */
export const openCommand = async (token: string, host: PublicKey, room: string): Promise<HostCommand | Refused> => {
  const found = await openClaims(token, host, { kind: COMMAND_KIND, claims: hostCommand, maxChars: LIMITS.command_chars })
  if (found instanceof Refused) return found
  return wrongRoom(found.room, room) ?? withoutTarget(found) ?? found
}

const withoutTarget = (found: HostCommand): Refused | null =>
  TARGETED.includes(found.operation) && found.target === undefined ? new Refused('no-target', 'target') : null

/**
 * A command to obey now: as openCommand, then `wrong-certificate`, `not-yet-valid`, `too-old`.
 * handshook: the fingerprint of the connection it came on; null where it is passed on by others, or is one's own (0.25, 9.4).
 */
export const checkCommand = async (
  token: string,
  host: PublicKey,
  here: { readonly room: string; readonly handshook: string | null; readonly now: number },
): Promise<HostCommand | Refused> => {
  const found = await openCommand(token, host, here.room)
  if (found instanceof Refused) return found
  const elsewhere = here.handshook === null ? null : wrongCertificate(found.fingerprint, here.handshook)
  const most = { aheadS: LIMITS.command_ahead_s, ageS: LIMITS.command_age_s }
  return elsewhere ?? wrongAge(found.issuedAt, here.now, most) ?? found
}

/** What a done command is remembered by: its jti, else the SHA-256 of its body, which can have many signatures (0.6). */
export const commandMark = async (found: HostCommand, token: string): Promise<string> => found.commandId ?? bodyId(token)

/** The memory with one more command, the newest 256 kept; `already-done` if it is in it. */
export const doneOnce = (done: readonly string[], mark: string): readonly string[] | Refused =>
  done.includes(mark) ? new Refused('already-done') : [...done, mark].slice(-LIMITS.commands_remembered)
