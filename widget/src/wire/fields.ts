/**
 * Fields and small records that several messages share, so that a name or a pass is read the same everywhere.
 *
 * Source: PROTOCOL 0 (lines 7, 15, 20), 4, 6.4, 17.2 and 19.
 * Twin: kibitz/wire/fields.py.
 */
import { peerId } from './broker-frames.ts'
import { type Codec, checked, type Decoded, filled, kept, many, matching, oneOf, record, shown, text } from './codec.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

export const NO_NAME = 'Guest'

const name = shown(LIMITS.name_chars)

/** A person's name: cut, not refused, since older builds know no limit (0.15); nothing left or absent is `Guest`. */
export const displayName: Codec<string> = {
  ...name,
  decode: (value, where) => name.decode(value, where) || NO_NAME,
  absent: () => NO_NAME,
}

/** An emoji, cut like a name; empty is none. */
export const avatar = filled(shown(LIMITS.avatar_chars))

/** A member's public identity, or none (older builds say so with an empty text). */
export const mediaId = filled(peerId)

export const seatToken = filled(text(LIMITS.seat_token_chars))
export const credential = filled(text(LIMITS.credential_chars))
export const assertion = filled(text(LIMITS.assertion_chars))

export const commandToken = text(LIMITS.command_chars, 1)
export const passToken = text(LIMITS.pass_chars, 1)
export const orderToken = text(LIMITS.order_chars, 1)

/** Feature tags (6.4): whatever is not one is passed over. */
export const tags = kept(text(LIMITS.tag_chars, 1), LIMITS.tags)

/** base64url of 32 bytes. */
export const digest = matching('[A-Za-z0-9_-]{43}', LIMITS.digest_chars)

/** What somebody shows at the door for one rule (17.2). */
const shownEntry = record('shown', {
  rule: ['m', oneOf('host', 'invite', 'code', 'google', 'email', 'pass', 'agent')],
  credential: ['cred', text(LIMITS.credential_chars, 1)],
  proof: ['proof', filled(text(LIMITS.proof_chars))],
})
export type Shown = Decoded<typeof shownEntry>

/** One entry for each rule of the link; empty where no rule is in force. */
export const shownEntries = many(shownEntry, LIMITS.show_entries)

/** A host's signed pass for the receiver (17.3). */
export const passMessage = record('pass', { token: ['token', passToken] })
export type Pass = Decoded<typeof passMessage>

/** The newest standing order the sender holds (0.7). */
export const signedOrder = record('signed-order', { token: ['token', orderToken] })
export type SignedOrder = Decoded<typeof signedOrder>

const withinRecord = (tokens: readonly string[], where: string): Refused | null =>
  tokens.reduce((sum, token) => sum + token.length, 0) > LIMITS.record_chars ? new Refused('too-large', where) : null

/** A run of the host's signed acts, oldest first (19). */
export const recordMessage = record('record', {
  tokens: ['tokens', checked(many(orderToken, LIMITS.record_tokens), withinRecord)],
})
export type Record = Decoded<typeof recordMessage>
