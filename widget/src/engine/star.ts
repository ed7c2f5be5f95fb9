/**
 * Presence: claim the room's id or join whoever holds it, for as long as the room is open (PROTOCOL 5.2).
 * Both roles of a room are here in their plain form; the star carries no media and no content.
 */
import * as seating from '../core/seats.ts'
import type { Clock } from '../ports/clock.ts'
import type { Link, Peer, PeerEvents, Peers } from '../ports/peers.ts'
import { type ToParticipant, toParticipant } from '../wire/coordination.ts'
import { type Announce, type ToCoordinator, toCoordinator } from '../wire/presence.ts'
import { Refused } from '../wire/refusal.ts'
import type { Member } from '../wire/roster.ts'

export type StarStatus = 'connecting' | 'connected' | 'reconnecting' | 'unreachable'

export interface StarEvents {
  status(status: StarStatus): void
  /** Who is in the call. `term` counts coordinators: a new one starts with an empty list and learns. */
  roster(members: readonly Member[], term: number): void
}

export interface Star {
  announce(announce: Announce): void
  close(): void
}

/** PROTOCOL 5.1 */
const HEARTBEAT_MS = 2_500
const RETRY_MS = 3_000
const RECLAIM_MS = 1_500
const DIAL_MS = 8_000
/** The coordinator's own seat; no connection can have this id, it is not a peer id. */
const OWN_SEAT = ''

export const openStar = (roomPeerId: string, peers: Peers, clock: Clock, events: StarEvents): Star => {
  let current: Announce | null = null
  let role: Role | null = null
  let isClosed = false
  let term = 0

  const loop = async () => {
    events.status('connecting')
    while (!isClosed) {
      const calls: PeerEvents = {
        linked: (link) => role?.linked(link),
        called: (call) => call.close(),
        lost: () => role?.close(),
      }
      const claimed = await peers.open(roomPeerId, calls)
      if (claimed === 'unreachable') {
        events.status('unreachable')
        await clock.after(RETRY_MS)
        continue
      }
      const peer = claimed === 'taken' ? await peers.open(null, calls) : claimed
      if (typeof peer === 'string') {
        await clock.after(RETRY_MS)
        continue
      }
      if (isClosed) return peer.close()
      term += 1
      const reports: RoleEvents = { status: events.status, roster: (members) => events.roster(members, term) }
      role = claimed === 'taken' ? new Participant(peer, roomPeerId, clock, reports) : new Coordinator(peer, clock, reports)
      if (current) role.announce(current)
      await role.ended
      role = null
      if (isClosed) return
      events.status('reconnecting')
      await clock.after(RECLAIM_MS)
    }
  }
  void loop()

  return {
    announce: (announce) => {
      current = announce
      role?.announce(announce)
    },
    close: () => {
      isClosed = true
      role?.close()
    },
  }
}

interface RoleEvents {
  status(status: StarStatus): void
  roster(members: readonly Member[]): void
}

abstract class Role {
  /** Settles once this role is over. */
  readonly ended: Promise<void>
  protected readonly peer: Peer
  protected readonly clock: Clock
  protected readonly reports: RoleEvents
  readonly #stopTicking: () => void
  #settle: () => void = () => {}
  #isOver = false

  constructor(peer: Peer, clock: Clock, reports: RoleEvents) {
    this.peer = peer
    this.clock = clock
    this.reports = reports
    this.ended = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.#stopTicking = clock.every(HEARTBEAT_MS, () => this.tick())
  }

  abstract linked(link: Link): void
  abstract announce(announce: Announce): void
  protected abstract tick(): void
  protected abstract sayGoodbye(): void

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopTicking()
    this.sayGoodbye()
    this.peer.close()
    this.#settle()
  }
}

class Coordinator extends Role {
  #seats: seating.Seats = new Map()
  readonly #links = new Map<string, Link>()

  constructor(peer: Peer, clock: Clock, reports: RoleEvents) {
    super(peer, clock, reports)
    reports.status('connected')
  }

  linked(link: Link): void {
    link.listen({
      opened: () => {
        this.#links.get(link.remote)?.close()
        this.#links.set(link.remote, link)
        this.#seats = seating.opened(this.#seats, link.remote, this.clock.now())
      },
      message: (value) => this.#receive(link, value),
      closed: () => {
        if (this.#links.get(link.remote) !== link) return // an older connection of the same peer (0.9)
        this.#links.delete(link.remote)
        this.#seat(seating.left(this.#seats, link.remote))
      },
    })
  }

  announce(announce: Announce): void {
    this.#seat(seating.announced(this.#seats, OWN_SEAT, announce, this.clock.now()))
  }

  #receive(link: Link, value: unknown): void {
    const message = toCoordinator.decode(value)
    if (message instanceof Refused || this.#links.get(link.remote) !== link) return
    this.#seats = seating.seen(this.#seats, link.remote, this.clock.now())
    if (message.kind === 'announce') this.#seat(seating.announced(this.#seats, link.remote, message, this.clock.now()))
    if (message.kind === 'leave') this.#seat(seating.opened(this.#seats, link.remote, this.clock.now()))
  }

  #seat(next: seating.Seats): void {
    this.#seats = next
    const members = seating.members(next)
    this.reports.roster(members)
    this.#tellAll({ kind: 'roster', members, hasLobby: false, isLocked: false, isPartial: false })
  }

  #tellAll(message: ToParticipant): void {
    const value = toParticipant.encode(message)
    for (const link of this.#links.values()) link.send(value)
  }

  protected tick(): void {
    this.#tellAll({ kind: 'ping' })
    this.#seat(seating.reaped(this.#seats, OWN_SEAT, this.clock.now()))
  }

  protected sayGoodbye(): void {
    this.#seat(seating.left(this.#seats, OWN_SEAT))
    const links = [...this.#links.values()]
    this.#links.clear() // first, so that no link hears of the others' going: they stay in the call, only we leave
    for (const link of links) link.close()
  }
}

class Participant extends Role {
  readonly #link: Link
  #announce: Announce | null = null
  #lastHeardMs: number
  #isOpen = false
  /** The last roster was without us: said again with the next heartbeat, not at once, so that nobody loops. */
  #isMissing = false

  constructor(peer: Peer, roomPeerId: string, clock: Clock, reports: RoleEvents) {
    super(peer, clock, reports)
    this.#lastHeardMs = clock.now()
    this.#link = peer.link(roomPeerId)
    this.#link.listen({
      opened: () => {
        this.#isOpen = true
        this.#lastHeardMs = clock.now()
        reports.status('connected')
        this.#speak()
      },
      message: (value) => this.#receive(value),
      closed: () => this.close(),
    })
  }

  linked(link: Link): void {
    link.close() // nobody has business with a participant's presence peer
  }

  announce(announce: Announce): void {
    this.#announce = announce
    if (this.#isOpen) this.#speak()
  }

  /** Knock first, announce second (PROTOCOL 5.3). */
  #speak(): void {
    if (!this.#announce) return
    const { name, avatar, seatToken, mediaId } = this.#announce
    this.#link.send(say({ kind: 'knock', name, avatar, seatToken, mediaId }))
    this.#link.send(say(this.#announce))
  }

  #receive(value: unknown): void {
    this.#lastHeardMs = this.clock.now()
    const message = toParticipant.decode(value)
    if (message instanceof Refused || message.kind !== 'roster') return
    this.reports.roster(message.members)
    const ownId = this.#announce?.mediaId
    this.#isMissing = ownId !== undefined && !message.members.some((member) => member.mediaId === ownId)
  }

  protected tick(): void {
    const limit = this.#isOpen ? seating.SILENCE_MS : DIAL_MS
    if (this.clock.now() - this.#lastHeardMs > limit) this.close()
    else if (this.#isMissing) this.#speak()
    else this.#link.send(say({ kind: 'ping' }))
  }

  protected sayGoodbye(): void {
    this.#link.send(say({ kind: 'leave' }))
    this.#link.close()
  }
}

const say = (message: ToCoordinator): unknown => toCoordinator.encode(message)
