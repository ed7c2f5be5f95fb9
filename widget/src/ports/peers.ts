/**
 * The way to other browsers, as small as the engine needs it. The real one is adapters/peerjs.ts; tests bring their own.
 * A `peer` is our end at the broker under one id; a `link` is a data connection, a `call` a media connection.
 */

export type OpenFailure = 'taken' | 'unreachable'

export interface Peers {
  /** Opens a peer under an id, or under one the broker chooses. Answers within 8 s (PROTOCOL 5.1). */
  open(id: string | null, events: PeerEvents): Promise<Peer | OpenFailure>
}

export interface PeerEvents {
  /** Somebody linked to us. */
  linked(link: Link): void
  /** Somebody calls us; nothing is sent before `answer`. */
  called(call: Call): void
  /** The peer is gone for good: its id belongs to somebody else, or it was closed from outside. */
  lost(): void
}

export interface Peer {
  readonly id: string
  link(remote: string): Link
  call(remote: string, local: MediaStream): Call
  close(): void
}

export interface LinkEvents {
  opened(): void
  message(value: unknown): void
  /** Once, however it ended: closed by either side, failed, or never opened. */
  closed(): void
}

export interface Link {
  readonly remote: string
  listen(events: LinkEvents): void
  send(value: unknown): void
  close(): void
}

export interface CallEvents {
  stream(stream: MediaStream): void
  closed(): void
}

export interface Call {
  readonly remote: string
  listen(events: CallEvents): void
  answer(local: MediaStream): void
  /** Puts another track on the lane of the same kind, without negotiating again. */
  replace(track: MediaStreamTrack): void
  close(): void
}
