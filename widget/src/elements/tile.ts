/** One person: their picture, or their initials on a steady colour, and their name. */
import type { Participant } from '../engine/call.ts'
import { create, icon } from './dom.ts'
import { strings } from './strings.ts'

export interface Tile {
  readonly element: HTMLElement
  show(person: Participant): void
}

/** Colours behind initials in tokens.css. */
const COLOURS = 8

export const makeTile = (): Tile => {
  const element = create('div', 'tile')
  const initials = create('div', 'ini')
  const video = create('video', '')
  video.autoplay = true
  video.playsInline = true
  const plate = create('span', 'name')
  const mic = create('span', 'mic')
  mic.append(icon('mic-off', 'i s'), create('span', 'sr', strings.micOff))
  const name = create('bdi', 'cut')
  plate.append(mic, name)
  element.append(initials, video, plate)

  return {
    element,
    show: (person) => {
      element.classList.toggle('self', person.isSelf)
      element.classList.toggle('seen', person.isCameraOn)
      element.classList.toggle('silent', person.isMicOn === false)
      element.dataset['member'] = person.id
      initials.className = `ini c${colourOf(person.id)}`
      initials.textContent = initialsOf(person.name)
      name.textContent = person.isSelf ? strings.you(person.name) : person.name
      video.muted = person.isSelf
      video.setAttribute('aria-label', person.name)
      bind(video, person.stream)
    },
  }
}

const bind = (video: HTMLVideoElement, stream: MediaStream | null): void => {
  const shown = video.srcObject
  const isSame = shown instanceof MediaStream && stream !== null && sameTracks(shown, stream)
  if (!isSame && shown !== stream) video.srcObject = stream
}

const sameTracks = (one: MediaStream, other: MediaStream): boolean =>
  one === other ||
  (one.getTracks().every((track) => other.getTrackById(track.id)) && one.getTracks().length === other.getTracks().length)

const initialsOf = (name: string): string => {
  const words = name.split(/\s+/u).filter(Boolean)
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toLocaleUpperCase()
}

const colourOf = (mediaId: string): number =>
  [...mediaId].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 4294967296, 0) % COLOURS
