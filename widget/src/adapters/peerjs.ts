/**
 * The way to other browsers over PeerJS and our broker (PROTOCOL 6.1, 12.5).
 * Never a public broker, never somebody else's STUN: the server and the ICE servers are always given (0.32).
 * No option is ever passed as undefined: PeerJS would lay it over its defaults (0.2).
 */
import { type DataConnection, type MediaConnection, type PeerError, Peer as PeerJs, type PeerOptions } from 'peerjs'
import type { Call, CallEvents, Link, LinkEvents, OpenFailure, Peer, PeerEvents, Peers } from '../ports/peers.ts'
import { boundedSerializers } from './bounded-connections.ts'

/** Where the broker is: the origin our script came from. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

/** How long the broker may take to answer (PROTOCOL 5.1). */
const OPEN_TIMEOUT_MS = 8_000
/** How long before we knock at a broker again that dropped us. */
const REATTACH_MS = 1_000

export const brokerAt = (url: URL): BrokerAddress => ({
  host: url.hostname,
  port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  secure: url.protocol === 'https:',
})

export const peersOverPeerJs = (broker: BrokerAddress, iceServers: readonly RTCIceServer[]): Peers => ({
  open: (id, events) =>
    open(id, events, {
      ...broker,
      path: '/',
      debug: 0,
      serializers: boundedSerializers,
      config: { iceServers: [...iceServers] },
    }),
})

const open = (id: string | null, events: PeerEvents, options: PeerOptions): Promise<Peer | OpenFailure> =>
  new Promise((resolve) => {
    const peer = id === null ? new PeerJs(options) : new PeerJs(id, options)
    const fail = (why: OpenFailure) => {
      clearTimeout(timer)
      peer.destroy()
      resolve(why)
    }
    const timer = setTimeout(() => fail('unreachable'), OPEN_TIMEOUT_MS)
    const failed = (error: PeerError<string>) => fail(error.type === 'unavailable-id' ? 'taken' : 'unreachable')
    peer.once('error', failed)
    peer.once('open', () => {
      clearTimeout(timer)
      peer.off('error', failed)
      resolve(opened(peer, events))
    })
  })

const opened = (peer: PeerJs, events: PeerEvents): Peer => {
  const links = new Set<PeerJsLink>()
  let isClosed = false
  const track = (connection: DataConnection): PeerJsLink => {
    const link = new PeerJsLink(connection, () => links.delete(link))
    links.add(link)
    return link
  }
  peer.on('connection', (connection) => events.linked(track(connection)))
  peer.on('call', (connection) => events.called(new PeerJsCall(connection)))
  peer.on('disconnected', () => {
    if (!isClosed) setTimeout(() => !isClosed && peer.disconnected && !peer.destroyed && peer.reconnect(), REATTACH_MS)
  })
  peer.on('error', (error: PeerError<string>) => {
    if (error.type === 'unavailable-id' && !isClosed) {
      isClosed = true // while we were away from the broker somebody else took our id
      peer.destroy()
      events.lost()
      return
    }
    // PeerJS names the missing peer only in the sentence of the error
    if (error.type === 'peer-unavailable') for (const link of [...links]) link.missed(error.message)
  })
  peer.on('close', () => {
    if (!isClosed) events.lost()
  })
  return {
    id: peer.id,
    link: (remote) => track(peer.connect(remote, { reliable: true })),
    call: (remote, local) => new PeerJsCall(peer.call(remote, local)),
    close: () => {
      isClosed = true // before destroy, so that no keep-alive brings the id back (PROTOCOL 5.3.10)
      peer.destroy()
    },
  }
}

class PeerJsLink implements Link {
  readonly remote: string
  readonly #connection: DataConnection
  readonly #forget: () => void
  #events: LinkEvents | null = null
  #isOver = false

  constructor(connection: DataConnection, forget: () => void) {
    this.remote = connection.peer
    this.#connection = connection
    this.#forget = forget
    connection.on('close', () => this.#end())
    connection.on('error', () => this.#end())
  }

  listen(events: LinkEvents): void {
    this.#events = events
    this.#connection.on('data', (value) => events.message(value))
    if (this.#connection.open) events.opened()
    else this.#connection.on('open', () => events.opened())
  }

  send(value: unknown): void {
    if (this.#connection.open) this.#connection.send(value)
  }

  close(): void {
    this.#connection.close()
    this.#end()
  }

  missed(sentence: string): void {
    if (!this.#connection.open && sentence.endsWith(this.remote)) this.close()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#forget()
    this.#events?.closed()
  }
}

class PeerJsCall implements Call {
  readonly remote: string
  readonly #connection: MediaConnection

  constructor(connection: MediaConnection) {
    this.remote = connection.peer
    this.#connection = connection
  }

  listen(events: CallEvents): void {
    this.#connection.on('stream', (stream) => events.stream(stream))
    this.#connection.on('close', () => events.closed())
    this.#connection.on('error', () => events.closed())
  }

  answer(local: MediaStream): void {
    this.#connection.answer(local)
  }

  replace(track: MediaStreamTrack): void {
    const sender = this.#connection.peerConnection?.getSenders().find((candidate) => candidate.track?.kind === track.kind)
    void sender?.replaceTrack(track)
  }

  close(): void {
    this.#connection.close()
  }
}
