/** Microphone, camera and the tracks that stand in for them. The real one is adapters/browser-media.ts. */

export interface Placeholders {
  readonly audio: MediaStreamTrack
  readonly video: MediaStreamTrack
  stop(): void
}

export interface MediaDevices {
  /** A silent and a black track that keep flowing without asking for any permission. */
  placeholders(): Placeholders
  /** Asks for the microphone or the camera; throws the browser's DOMException when refused. */
  capture(lane: 'audio' | 'video'): Promise<MediaStreamTrack>
  bundle(tracks: readonly MediaStreamTrack[]): MediaStream
}
