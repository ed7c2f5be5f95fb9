/**
 * Our own microphone and camera, off until asked for. Both lanes exist from the start: a silent and a black placeholder
 * hold them, and switching on or off only swaps the track (PROTOCOL 6.2, 6.3).
 */
import type { MediaDevices } from '../ports/media-devices.ts'

export type Lane = 'audio' | 'video'

export interface LocalMedia {
  /** Both lanes as they are now, for a new call. */
  stream(): MediaStream
  isOn(lane: Lane): boolean
  /** Our camera's picture, null while it is off. */
  picture(): MediaStreamTrack | null
  /** Switches a lane; throws what the browser throws when it refuses the device. */
  toggle(lane: Lane): Promise<void>
  close(): void
}

export const openLocalMedia = (devices: MediaDevices, swapped: (track: MediaStreamTrack) => void): LocalMedia => {
  const placeholders = devices.placeholders()
  const live: Record<Lane, MediaStreamTrack | null> = { audio: null, video: null }
  const busy = new Set<Lane>()
  const current = (lane: Lane): MediaStreamTrack => live[lane] ?? placeholders[lane]

  const switchOn = async (lane: Lane) => {
    const track = await devices.capture(lane)
    live[lane] = track
    track.addEventListener('ended', () => live[lane] === track && switchOff(lane))
    swapped(track)
  }
  const switchOff = (lane: Lane) => {
    live[lane]?.stop()
    live[lane] = null
    swapped(placeholders[lane])
  }

  return {
    stream: () => devices.bundle([current('audio'), current('video')]),
    isOn: (lane) => live[lane] !== null,
    picture: () => live.video,
    toggle: async (lane) => {
      if (busy.has(lane)) return
      if (live[lane]) return switchOff(lane)
      busy.add(lane)
      try {
        await switchOn(lane)
      } finally {
        busy.delete(lane)
      }
    },
    close: () => {
      for (const lane of ['audio', 'video'] as const) live[lane]?.stop()
      placeholders.stop()
    },
  }
}
