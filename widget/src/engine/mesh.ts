/**
 * One media call and one data link with every other member; nobody relays for anybody (PROTOCOL 6.3).
 * The smaller media id dials both, the other answers. Links of ids that are not in the roster wait 5 s, then go (0.4).
 */
import type { Clock } from '../ports/clock.ts'
import type { Call, Link, Peer, PeerEvents } from '../ports/peers.ts'
import { type Content, content } from '../wire/content.ts'
import { Refused } from '../wire/refusal.ts'
import type { Member } from '../wire/roster.ts'
import type { LocalMedia } from './local-media.ts'

export interface MeshEvents {
  message(from: string, message: Content): void
  /** What we see and hear of somebody changed, or they are gone (null). */
  stream(mediaId: string, stream: MediaStream | null): void
}

export interface Mesh {
  readonly events: PeerEvents
  /** Follows the roster: dials who is new, drops who a coordinator took off its own list (0.31). */
  follow(members: readonly Member[], term: number): void
  /** Whether we are linked with this member now, whatever a coordinator lists. */
  holds(mediaId: string): boolean
  broadcast(message: Content): void
  replace(track: MediaStreamTrack): void
  close(): void
}

/** How long somebody the roster does not know yet may wait for it (0.4). */
const PARKED_MS = 5_000

interface Pair {
  link: Link | null
  call: Call | null
  isLinked: boolean
  /** The coordinator that listed this member last. */
  term: number
}

export const openMesh = (self: () => Peer | null, media: LocalMedia, clock: Clock, events: MeshEvents): Mesh => {
  const pairs = new Map<string, Pair>()
  const parked = new Map<string, { links: Link[]; calls: Call[] }>()

  const takeLink = (pair: Pair, link: Link) => {
    const former = pair.link
    pair.link = link
    pair.isLinked = false
    former?.close() // after it was replaced, so that its end does not end the pair
    link.listen({
      opened: () => {
        if (pair.link === link) pair.isLinked = true
      },
      message: (value) => {
        const message = content.decode(value)
        if (message instanceof Refused || pair.link !== link) return
        if (message.kind === 'goodbye') drop(link.remote)
        else events.message(link.remote, message)
      },
      closed: () => {
        if (pair.link === link) drop(link.remote)
      },
    })
  }
  const takeCall = (pair: Pair, call: Call) => {
    const former = pair.call
    pair.call = call
    former?.close()
    call.listen({ stream: (stream) => pair.call === call && events.stream(call.remote, stream), closed: () => {} })
  }
  const drop = (mediaId: string) => {
    const pair = pairs.get(mediaId)
    if (!pair) return
    pairs.delete(mediaId)
    pair.call?.close()
    pair.link?.close()
    events.stream(mediaId, null)
  }
  const meet = (peer: Peer, mediaId: string, term: number) => {
    const pair: Pair = { link: null, call: null, isLinked: false, term }
    pairs.set(mediaId, pair)
    if (peer.id < mediaId) {
      takeLink(pair, peer.link(mediaId))
      takeCall(pair, peer.call(mediaId, media.stream()))
    }
    const waiting = parked.get(mediaId)
    parked.delete(mediaId)
    for (const link of waiting?.links ?? []) takeLink(pair, link)
    for (const call of waiting?.calls ?? []) answer(pair, call)
  }
  const answer = (pair: Pair, call: Call) => {
    takeCall(pair, call)
    call.answer(media.stream())
  }
  const park = (mediaId: string) => {
    const waiting = parked.get(mediaId) ?? { links: [], calls: [] }
    if (!parked.has(mediaId)) {
      parked.set(mediaId, waiting)
      void clock.after(PARKED_MS).then(() => {
        if (parked.get(mediaId) !== waiting) return
        parked.delete(mediaId)
        for (const one of [...waiting.links, ...waiting.calls]) one.close()
      })
    }
    return waiting
  }

  return {
    events: {
      linked: (link) => {
        const pair = pairs.get(link.remote)
        if (pair) takeLink(pair, link)
        else park(link.remote).links.push(link)
      },
      called: (call) => {
        const pair = pairs.get(call.remote)
        if (pair) answer(pair, call)
        else park(call.remote).calls.push(call)
      },
      lost: () => {},
    },
    follow: (members, term) => {
      const peer = self()
      if (!peer) return
      const listed = new Set(members.map((member) => member.mediaId))
      for (const mediaId of listed) {
        const pair = pairs.get(mediaId)
        if (pair) pair.term = term
        else if (mediaId !== peer.id) meet(peer, mediaId, term)
      }
      for (const [mediaId, pair] of [...pairs]) if (!listed.has(mediaId) && (pair.term === term || !pair.isLinked)) drop(mediaId)
    },
    holds: (mediaId) => pairs.get(mediaId)?.isLinked === true,
    broadcast: (message) => {
      const value = content.encode(message)
      for (const pair of pairs.values()) pair.link?.send(value)
    },
    replace: (track) => {
      for (const pair of pairs.values()) pair.call?.replace(track)
    },
    close: () => {
      for (const pair of pairs.values()) pair.link?.send(content.encode({ kind: 'goodbye' }))
      for (const mediaId of [...pairs.keys()]) drop(mediaId)
    },
  }
}
