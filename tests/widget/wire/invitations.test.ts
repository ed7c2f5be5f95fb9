import { describe, expect, it } from 'vitest'
import { signPass } from '../../../widget/src/wire/door.ts'
import { checkGuest, checkInvitation, signInvitation, signProof } from '../../../widget/src/wire/invitations.ts'
import { thumbprint } from '../../../widget/src/wire/keys.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { signToken } from '../../../widget/src/wire/tokens.ts'
import { NOW, OURS, ROOM, signer, THEIRS } from './signers.ts'

const creator = await signer()
const guest = await signer()
const stranger = await signer()

const INVITED = { kind: 'invitation', name: 'Zoë', room: ROOM, expiresAt: NOW + 100, guestKey: guest.public } as const
const PROVEN = { kind: 'proof', room: ROOM, fingerprint: OURS, issuedAt: NOW } as const
const ticket = await signInvitation(INVITED, creator.secret)
const proof = await signProof(PROVEN, guest.secret)

const shown = (token: string, proven: string, place: { readonly handshook?: string; readonly now?: number | null } = {}) =>
  checkGuest(token, proven, { creator: creator.public, room: ROOM, handshook: OURS, now: NOW, ...place })

describe('invitations', () => {
  it('come back as they were made', async () => {
    expect(await checkInvitation(ticket, creator.public, { room: ROOM, now: NOW })).toEqual(INVITED)
  })

  it('let a guest pass with the key of the invitation', async () => {
    const named = { name: 'Zoë', invitationId: await thumbprint(guest.public), expiresAt: NOW + 100 }
    expect(await shown(ticket, proof)).toEqual(named)
  })

  it('are worth nothing copied', async () => {
    expect(await shown(ticket, proof, { handshook: THEIRS })).toEqual(new Refused('wrong-certificate', 'proof.fp'))
    expect(await shown(ticket, await signProof(PROVEN, stranger.secret))).toEqual(new Refused('token-signature', 'proof'))
    expect(await shown(ticket, ticket)).toEqual(new Refused('token-signature', 'proof'))
  })

  it('of an older link do not pass the door', async () => {
    const { guestKey: _, ...bearer } = INVITED
    expect(await shown(await signInvitation(bearer, creator.secret), proof)).toEqual(new Refused('no-proof-key', 'cnf'))
  })

  it('end, at the first pass only', async () => {
    expect(await shown(ticket, proof, { now: NOW + 100 })).toEqual(new Refused('expired', 'exp'))
    expect(await shown(ticket, proof, { now: null })).toEqual(await shown(ticket, proof))
  })

  it('need a proof of this room and kind', async () => {
    const elsewhere = await signProof({ ...PROVEN, room: 'other' }, guest.secret)
    expect(await shown(ticket, elsewhere)).toEqual(new Refused('wrong-room', 'proof.room'))
    const otherKind = await signToken({ k: 'kbz-host.v1', room: ROOM, fp: OURS, iat: NOW }, guest.secret)
    expect(await shown(ticket, otherKind)).toEqual(new Refused('wrong-kind', 'proof.k'))
  })

  it.each(['', '  ', '\ufeff'])('for nobody are refused (%j)', async (name) => {
    const token = await signInvitation({ ...INVITED, name }, creator.secret)
    expect(await checkInvitation(token, creator.public, { room: ROOM, now: NOW })).toEqual(new Refused('no-name', 'name'))
  })

  it('are nothing that the same key signed for another purpose', async () => {
    const pass = { kind: 'pass', room: ROOM, fingerprint: OURS, name: 'Zoë', issuedAt: NOW, expiresAt: NOW + 100 } as const
    const token = await signPass(pass, creator.secret)
    const refused = new Refused('wrong-kind', 'k')
    expect(await checkInvitation(token, creator.public, { room: ROOM, now: NOW })).toEqual(refused)
    expect(await shown(token, proof)).toEqual(refused)
    const none = await signToken({ k: null, name: 'Zoë', room: ROOM, exp: NOW + 100 }, creator.secret)
    expect(await checkInvitation(none, creator.public, { room: ROOM, now: NOW })).toEqual(refused)
  })

  it('are made by the creator only, and are bounded', async () => {
    const place = { room: ROOM, now: NOW }
    const forged = await signInvitation(INVITED, stranger.secret)
    expect(await checkInvitation(forged, creator.public, place)).toEqual(new Refused('token-signature'))
    const long = await signToken({ name: 'x'.repeat(8192) }, creator.secret)
    expect(await checkInvitation(long, creator.public, place)).toEqual(new Refused('too-long'))
  })
})
