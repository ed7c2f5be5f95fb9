/** `/#room`: the name first, then the call. Reads the link, shows the state of the call, hands clicks to the engine. */
import { browserMedia } from '../adapters/browser-media.ts'
import { browserClock } from '../adapters/clock.ts'
import { brokerAt, peersOverPeerJs } from '../adapters/peerjs.ts'
import { whyClosed } from '../core/admission.ts'
import { chatPanel } from '../elements/chat-panel.ts'
import { byId } from '../elements/dom.ts'
import { bindCopyButtons, showControls } from '../elements/room-controls.ts'
import { stage } from '../elements/stage.ts'
import { strings } from '../elements/strings.ts'
import { type Call, type CallState, joinCall } from '../engine/call.ts'
import type { Lane } from '../engine/local-media.ts'
import { type Opened, readLink } from '../wire/links.ts'
import { Refused, sentenceOf } from '../wire/refusal.ts'
import { peerId } from '../wire/rooms.ts'
import { NOTICE_KEY } from './landing.ts'

/** localStorage: the name somebody last joined with (PROTOCOL 15). sessionStorage: this tab's seat token (4.1). */
const NAME_KEY = 'kibitz.name'
const SEAT_KEY = 'kibitz.seat'

export const openRoom = (address: Location): void => {
  const link = readLink(address.href, address.origin)
  if (link instanceof Refused) {
    refuse(link)
    return
  }
  const closed = whyClosed(link.params, link.raw)
  if (closed) {
    refuse(closed)
    return
  }
  for (const place of document.querySelectorAll('[data-room-name]')) place.textContent = link.room
  document.title = `${link.room} · Kibitz`
  showNotice()
  bindEntry(link)
}

const refuse = (why: Refused): void => {
  const [what = '', ...next] = why.sentence.split(/(?<=[.?]) /u)
  byId('refused-title', HTMLElement).textContent = what
  byId('refused-next', HTMLElement).textContent = next.join(' ')
  byId('refused-code', HTMLElement).textContent = why.where ? `${why.code}: ${why.where}` : why.code
  byId('refused', HTMLElement).hidden = false
}

const showNotice = (): void => {
  const code = sessionStorage.getItem(NOTICE_KEY)
  sessionStorage.removeItem(NOTICE_KEY)
  const sentence = code && sentenceOf(code)
  if (!sentence) return
  const note = byId('link-note', HTMLElement)
  note.textContent = sentence
  note.hidden = false
}

const bindEntry = (link: Opened): void => {
  const field = byId('name', HTMLInputElement)
  const problem = byId('name-problem', HTMLElement)
  const form = byId('enter', HTMLFormElement)
  field.value = localStorage.getItem(NAME_KEY) ?? ''
  byId('gate', HTMLElement).hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const name = field.value.trim()
    problem.textContent = name ? '' : strings.nameMissing
    field.toggleAttribute('aria-invalid', !name)
    if (!name) {
      field.focus()
      return
    }
    if (form.ariaBusy === 'true') return
    form.ariaBusy = 'true'
    localStorage.setItem(NAME_KEY, name)
    const isIn = await enter(link, name)
    form.ariaBusy = 'false'
    if (!isIn) problem.textContent = strings.brokerUnreachable
  })
}

/** Joins; false when the broker cannot be reached. */
const enter = async (link: Opened, name: string): Promise<boolean> => {
  const chat = chatPanel((text) => call?.say(text))
  const showPeople = stage()
  const call = await joinCall(
    { roomPeerId: peerId(link.room), name, seatToken: seatToken() },
    { peers: peersOverPeerJs(brokerAt(new URL(location.href)), []), devices: browserMedia, clock: browserClock },
    {
      changed: (state) => {
        showPeople(state.participants)
        showState(state)
      },
      chat: (from, text) => chat.add(from, text),
    },
  )
  if (!call) return false
  byId('gate', HTMLElement).hidden = true
  byId('call', HTMLElement).hidden = false
  byId('share-link', HTMLElement).textContent = location.href.replace(/^https?:\/\//u, '')
  bindCopyButtons()
  bindBar(call)
  return true
}

const showState = (state: CallState): void => {
  showControls(state)
  byId('status', HTMLElement).textContent = strings.status[state.status]
}

const bindBar = (call: Call): void => {
  const problem = byId('problem', HTMLElement)
  const bind = (id: string, lane: Lane) =>
    byId(id, HTMLButtonElement).addEventListener('click', async () => {
      problem.textContent = ''
      try {
        await call.toggle(lane)
      } catch (error) {
        problem.textContent = deviceProblem(lane, error)
      }
    })
  bind('microphone', 'audio')
  bind('camera', 'video')
  const leave = () => call.leave()
  byId('leave', HTMLButtonElement).addEventListener('click', () => {
    leave()
    location.assign('/')
  })
  addEventListener('pagehide', leave)
}

const deviceProblem = (lane: Lane, error: unknown): string => {
  const sentences = strings.deviceProblem[lane]
  const name = error instanceof DOMException ? error.name : ''
  return name === 'NotAllowedError' || name === 'NotFoundError' ? sentences[name] : sentences.other
}

/** The same after a reload, so that the tab takes its own seat back; 128 random bits. */
const seatToken = (): string => {
  const kept = sessionStorage.getItem(SEAT_KEY)
  if (kept) return kept
  const fresh = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  sessionStorage.setItem(SEAT_KEY, fresh)
  return fresh
}
