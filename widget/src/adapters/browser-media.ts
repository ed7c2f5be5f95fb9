/** The browser's microphone and camera, and placeholders made of a silent oscillator and a tiny canvas (PROTOCOL 6.2). */
import type { MediaDevices, Placeholders } from '../ports/media-devices.ts'

const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
const VIDEO: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }

export const browserMedia: MediaDevices = {
  placeholders: () => placeholders(),
  capture: async (lane) => {
    const constraints = lane === 'audio' ? { audio: AUDIO } : { video: VIDEO }
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks()
    if (!track) throw new DOMException('The browser gave no track', 'NotFoundError')
    return track
  },
  bundle: (tracks) => new MediaStream([...tracks]),
}

const placeholders = (): Placeholders => {
  const context = new AudioContext()
  const oscillator = context.createOscillator()
  const silence = context.createGain()
  silence.gain.value = 0
  const sink = context.createMediaStreamDestination()
  oscillator.connect(silence).connect(sink)
  oscillator.start()

  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 2
  const brush = canvas.getContext('2d')
  const frames = canvas.captureStream(1)
  const paint = setInterval(() => brush?.fillRect(0, 0, 2, 2), 1000) // a canvas that is not painted sends no frames

  const [audio] = sink.stream.getAudioTracks()
  const [video] = frames.getVideoTracks()
  if (!audio || !video) throw new DOMException('This browser makes no placeholder tracks', 'NotSupportedError')
  return {
    audio,
    video,
    stop: () => {
      clearInterval(paint)
      audio.stop()
      video.stop()
      void context.close()
    },
  }
}
