/**
 * The coordinator's list of who is in the call: one seat for each presence connection that announced itself.
 * Pure: messages and a time go in, the next list comes out. Source: PROTOCOL 5.4 (steps 7 to 9), 5.8, 0.9.
 */
import type { Announce } from '../wire/presence.ts'
import type { Member } from '../wire/roster.ts'

/** Seats by link id (the presence connection; only the coordinator knows it). */
export type Seats = ReadonlyMap<string, Seat>

export interface Seat {
  /** Null until this connection announced that it is in the call. */
  readonly member: Member | null
  readonly seatToken: string | undefined
  readonly lastSeenMs: number
}

/** How long a connection may be silent before its seat is free again (PROTOCOL 5.1, reap limit). */
export const SILENCE_MS = 12_000

export const opened = (seats: Seats, linkId: string, nowMs: number): Seats =>
  new Map(seats).set(linkId, { member: null, seatToken: undefined, lastSeenMs: nowMs })

export const seen = (seats: Seats, linkId: string, nowMs: number): Seats => {
  const seat = seats.get(linkId)
  return seat ? new Map(seats).set(linkId, { ...seat, lastSeenMs: nowMs }) : seats
}

export const left = (seats: Seats, linkId: string): Seats => {
  const next = new Map(seats)
  next.delete(linkId)
  return next
}

/** An announcement seats the member, and frees every older seat of the same tab or the same media id. */
export const announced = (seats: Seats, linkId: string, announce: Announce, nowMs: number): Seats => {
  const member = announce.isInCall && announce.mediaId ? memberOf(announce, announce.mediaId) : null
  const others = [...seats].filter(([id, seat]) => id === linkId || !isSame(seat, announce))
  return new Map(others).set(linkId, { member, seatToken: announce.seatToken, lastSeenMs: nowMs })
}

export const reaped = (seats: Seats, ownLinkId: string, nowMs: number): Seats =>
  new Map([...seats].filter(([id, seat]) => id === ownLinkId || nowMs - seat.lastSeenMs <= SILENCE_MS))

export const members = (seats: Seats): readonly Member[] =>
  [...seats.values()].map((seat) => seat.member).filter((member) => member !== null)

const isSame = (seat: Seat, announce: Announce): boolean =>
  (announce.seatToken !== undefined && seat.seatToken === announce.seatToken) ||
  (announce.mediaId !== undefined && seat.member?.mediaId === announce.mediaId)

const memberOf = (announce: Announce, mediaId: string): Member => ({
  kind: 'member',
  mediaId,
  name: announce.name,
  hasCamera: announce.hasCamera,
  hasMicrophone: announce.hasMicrophone,
  avatar: announce.avatar,
  meta: announce.meta,
})
