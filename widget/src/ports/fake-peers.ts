/** A broker and its connections in memory: ids have one holder, links deliver in order, calls carry a stream. */
import type { Call, CallEvents, Link, LinkEvents, Peer, PeerEvents, Peers } from './peers.ts'

export interface FakeNetwork extends Peers {
  /** The peer vanishes without a word: nothing it sends arrives any more, nobody is told. */
  freeze(id: string): void
  /** The broker does not answer. */
  isDown: boolean
}

export const fakeNetwork = (): FakeNetwork => {
  const holders = new Map<string, { events: PeerEvents; links: Set<FakeLink> }>()
  const frozen = new Set<string>()
  let made = 0
  const network: FakeNetwork = {
    isDown: false,
    freeze: (id) => frozen.add(id),
    open: async (id, events) => {
      if (network.isDown) return 'unreachable'
      if (id !== null && holders.has(id)) return 'taken'
      made += 1
      const own = id ?? `peer-${made}`
      const holder = { events, links: new Set<FakeLink>() }
      holders.set(own, holder)
      return peer(own, holder.links)
    },
  }
  const peer = (id: string, links: Set<FakeLink>): Peer => ({
    id,
    link: (remote) => {
      const near = new FakeLink(id, remote, frozen)
      links.add(near)
      queueMicrotask(() => {
        const holder = holders.get(remote)
        if (!holder) return near.end()
        const far = new FakeLink(remote, id, frozen)
        holder.links.add(far)
        near.meet(far)
        holder.events.linked(far)
        near.open()
        far.open()
      })
      return near
    },
    call: (remote, local) => {
      const near = new FakeCall(remote, local)
      queueMicrotask(() => {
        const far = new FakeCall(id, null)
        near.meet(far)
        holders.get(remote)?.events.called(far)
      })
      return near
    },
    close: () => {
      holders.delete(id)
      for (const link of links) link.close()
    },
  })
  return network
}

class FakeLink implements Link {
  readonly remote: string
  readonly #own: string
  readonly #frozen: ReadonlySet<string>
  #events: LinkEvents | null = null
  #far: FakeLink | null = null
  #isOpen = false
  #isOver = false

  constructor(own: string, remote: string, frozen: ReadonlySet<string>) {
    this.#own = own
    this.remote = remote
    this.#frozen = frozen
  }

  meet(far: FakeLink): void {
    this.#far = far
    far.#far = this
  }

  open(): void {
    this.#isOpen = true
    this.#events?.opened()
  }

  listen(events: LinkEvents): void {
    this.#events = events
  }

  send(value: unknown): void {
    const far = this.#far
    if (!this.#isOpen || this.#isOver || this.#frozen.has(this.#own)) return
    const copy: unknown = structuredClone(value)
    queueMicrotask(() => {
      if (far && !far.#isOver && !this.#frozen.has(far.#own)) far.hear(copy)
    })
  }

  hear(value: unknown): void {
    this.#events?.message(value)
  }

  close(): void {
    const far = this.#far
    this.end()
    if (!this.#frozen.has(this.#own)) queueMicrotask(() => far?.end())
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#events?.closed()
  }
}

class FakeCall implements Call {
  readonly remote: string
  readonly replaced: MediaStreamTrack[] = []
  #local: MediaStream | null
  #events: CallEvents | null = null
  #far: FakeCall | null = null
  #isOver = false

  constructor(remote: string, local: MediaStream | null) {
    this.remote = remote
    this.#local = local
  }

  meet(far: FakeCall): void {
    this.#far = far
    far.#far = this
  }

  listen(events: CallEvents): void {
    this.#events = events
  }

  answer(local: MediaStream): void {
    this.#local = local
    const far = this.#far
    if (!far) return
    if (far.#local) this.#events?.stream(far.#local)
    far.show(local)
  }

  show(stream: MediaStream): void {
    this.#events?.stream(stream)
  }

  replace(track: MediaStreamTrack): void {
    this.replaced.push(track)
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#events?.closed()
    this.#far?.close()
  }
}
