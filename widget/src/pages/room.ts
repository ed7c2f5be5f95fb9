/** `/#room`: the name first, then the call. Reads the link, shows the state of the call, hands clicks to the engine. */
import { browserMedia } from '../adapters/browser-media.ts'
import { browserClock } from '../adapters/clock.ts'
import { fetchIceServers } from '../adapters/ice-servers.ts'
import { brokerAt, peersOverPeerJs } from '../adapters/peerjs.ts'
import { whyClosed } from '../core/admission.ts'
import { chatPanel } from '../elements/chat-panel.ts'
import { byId } from '../elements/dom.ts'
import { bindCopyButtons, showControls } from '../elements/room-controls.ts'
import { stage } from '../elements/stage.ts'
import { strings } from '../elements/strings.ts'
import { type Call, type CallEvents, type CallParts, joinCall } from '../engine/call.ts'
import type { Lane } from '../engine/local-media.ts'
import { type Opened, readLink } from '../wire/links.ts'
import { Refused, sentenceOf } from '../wire/refusal.ts'
import { peerId } from '../wire/rooms.ts'
import { browserMemory, NAME_KEY, NOTICE_KEY, tabMemory } from './memory.ts'
import { seatToken } from './seat.ts'

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
  const code = tabMemory.get(NOTICE_KEY)
  tabMemory.delete(NOTICE_KEY)
  const sentence = code && sentenceOf(code)
  if (!sentence) return
  const note = byId('link-note', HTMLElement)
  note.textContent = sentence
  note.hidden = false
}

const bindEntry = (link: Opened): void => {
  const field = byId('name', HTMLInputElement)
  const problem = byId('name-problem', HTMLElement)
  const button = byId('join', HTMLButtonElement)
  field.value = browserMemory.get(NAME_KEY) ?? ''
  byId('gate', HTMLElement).hidden = false
  const enter = entrance(link)
  byId('enter', HTMLFormElement).addEventListener('submit', async (event) => {
    event.preventDefault()
    const name = field.value.trim()
    problem.textContent = name ? '' : strings.nameMissing
    field.setAttribute('aria-invalid', String(!name))
    if (!name) {
      field.focus()
      return
    }
    browserMemory.set(NAME_KEY, name)
    button.disabled = true
    button.textContent = strings.joining
    try {
      if (!(await enter(name))) problem.textContent = strings.brokerUnreachable
    } finally {
      button.disabled = false
      button.textContent = strings.join
    }
  })
}

/** Joins under a name; answers false when the broker cannot be reached, and may be tried again. */
const entrance = (link: Opened): ((name: string) => Promise<boolean>) => {
  let call: Call | null = null
  const chat = chatPanel((text) => call?.say(text))
  const showPeople = stage()
  const iceServers = fetchIceServers(location.origin) // asked for while the person types a name
  const events: CallEvents = {
    changed: (state) => {
      showPeople(state.participants, state.status === 'connected')
      showControls(state)
      byId('status', HTMLElement).textContent = strings.status[state.status]
    },
    chat: (from, text) => chat.add(from, text),
  }
  return async (name) => {
    const parts: CallParts = {
      peers: peersOverPeerJs(brokerAt(new URL(location.href)), await iceServers),
      devices: browserMedia,
      clock: browserClock,
    }
    call = await joinCall({ roomPeerId: peerId(link.room), name, seatToken: await seatToken() }, parts, events)
    if (!call) return false
    byId('gate', HTMLElement).hidden = true
    byId('call', HTMLElement).hidden = false
    byId('share-link', HTMLElement).textContent = location.href.replace(/^https?:\/\//u, '')
    bindCopyButtons()
    bindBar(call)
    byId('call-title', HTMLElement).focus()
    return true
  }
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
