/**
 * Invitations (`gt`): a name for one guest, signed under the link's `gk`.
 *
 * With `cnf`, the guest's own public key, an invitation is worth nothing without that key's signature over this
 * connection's certificate, so whoever it is shown to cannot use it. One without `cnf` is a bearer token of older links
 * and never passes the door of section 17. Source: PROTOCOL.md 9.2, 17.2. Twin: kibitz/wire/invitations.py.
 */
import { type Codec, type Decoded, fallback, join, optional, record, shown, text } from './codec.ts'
import { fingerprint } from './fingerprints.ts'
import { type PublicKey, publicKey, type SigningKey, thumbprint } from './keys.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { openClaims, openRecord, runOut, seconds, signClaims, signRecord, wrongCertificate, wrongRoom } from './tokens.ts'

export const PROOF_KIND = 'kbz-door.v1'

const confirmation = record('confirmation', { jwk: ['jwk', publicKey] })

const guestKey: Codec<PublicKey> = {
  decode: (value, where = '') => {
    const found = confirmation.decode(value, where)
    return found instanceof Refused ? found : found.jwk
  },
  encode: (key) => ({ jwk: publicKey.encode(key) }),
}

/** What an invitation says. expiresAt: epoch seconds. */
export const invitation = record('invitation', {
  name: ['name', fallback(shown(LIMITS.name_chars), '')],
  room: ['room', text(LIMITS.room_chars)],
  expiresAt: ['exp', seconds],
  guestKey: ['cnf', optional(guestKey)],
})
export type Invitation = Decoded<typeof invitation>

/** The guest key's word for one certificate in one room. */
export const proof = record('proof', {
  room: ['room', text(LIMITS.room_chars)],
  fingerprint: ['fp', fingerprint],
  issuedAt: ['iat', seconds],
})
export type Proof = Decoded<typeof proof>

/** The `gt` of one guest. */
export const signInvitation = (value: Invitation, creator: SigningKey): Promise<string> => signRecord(invitation, value, creator)

/** What a guest shows beside `gt`; without age, since it holds for this certificate only. */
export const signProof = (value: Proof, guest: SigningKey): Promise<string> => signClaims(PROOF_KIND, proof, value, guest)

/**
 * An invitation that holds in this room.
 *
 * Order: the token's refusals, `wrong-kind`, the fields', `wrong-room`, `expired`, `no-name`.
 * now: epoch seconds; null for a fingerprint that passed before, whose invitation may have run out since (17.2).
 */
export const checkInvitation = async (
  token: string,
  creator: PublicKey,
  here: { readonly room: string; readonly now: number | null },
): Promise<Invitation | Refused> => {
  const found = await openRecord(token, creator, { claims: invitation, maxChars: LIMITS.credential_chars })
  if (found instanceof Refused) return found
  return wrongRoom(found.room, here.room) ?? runOut(found.expiresAt, here.now) ?? nameless(found) ?? found
}

const nameless = (found: Invitation): Refused | null => (found.name === '' ? new Refused('no-name', 'name') : null)

/** Who an invitation with its proof names. invitationId: the thumbprint of the guest key, what a ban of `inv` names. */
export interface Guest {
  readonly name: string
  readonly invitationId: string
  readonly expiresAt: number
}

/**
 * The `invite` entry of 17.2: as checkInvitation, then `no-proof-key`, then the proof's under `proof`.
 * handshook: the other side's fingerprint on this very connection. now: as in checkInvitation.
 */
export const checkGuest = async (
  shownToken: string,
  shownProof: string,
  here: { readonly creator: PublicKey; readonly room: string; readonly handshook: string; readonly now: number | null },
): Promise<Guest | Refused> => {
  const found = await checkInvitation(shownToken, here.creator, here)
  if (found instanceof Refused) return found
  if (!found.guestKey) return new Refused('no-proof-key', 'cnf')
  const refused = await unproven(shownProof, found.guestKey, here)
  if (refused) return new Refused(refused.code, refused.where ? join('proof', refused.where) : 'proof')
  return { name: found.name, invitationId: await thumbprint(found.guestKey), expiresAt: found.expiresAt }
}

const unproven = async (
  shownProof: string,
  key: PublicKey,
  here: { readonly room: string; readonly handshook: string },
): Promise<Refused | null> => {
  const claims = await openClaims(shownProof, key, { kind: PROOF_KIND, claims: proof, maxChars: LIMITS.proof_chars })
  if (claims instanceof Refused) return claims
  return wrongRoom(claims.room, here.room) ?? wrongCertificate(claims.fingerprint, here.handshook)
}
