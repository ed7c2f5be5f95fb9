/** The chat: what was said, newest last; opened from the bar, with a count of what was not read. */
import type { Participant } from '../engine/call.ts'
import { byId, create } from './dom.ts'
import { strings } from './strings.ts'

export interface ChatPanel {
  add(from: Participant, text: string): void
}

/** Lines kept (PROTOCOL 7.1). */
const LINES = 50

export const chatPanel = (say: (text: string) => void): ChatPanel => {
  const panel = byId('chat', HTMLElement)
  const toggle = byId('chat-toggle', HTMLButtonElement)
  const list = byId('messages', HTMLOListElement)
  const field = byId('message', HTMLInputElement)
  const badge = byId('unread', HTMLElement)
  list.replaceChildren(create('li', 't12 ink3', strings.chatEmpty))
  let unread = 0

  const showUnread = () => {
    badge.textContent = String(unread)
    badge.hidden = unread === 0
    toggle.setAttribute('aria-label', strings.chatWith(unread))
  }
  const open = (isOpen: boolean) => {
    panel.hidden = !isOpen
    byId('mid', HTMLElement).classList.toggle('with-chat', isOpen)
    toggle.classList.toggle('on', isOpen)
    toggle.setAttribute('aria-expanded', String(isOpen))
    if (isOpen) unread = 0
    showUnread()
    if (isOpen) field.focus()
    else toggle.focus()
  }

  toggle.addEventListener('click', () => open(panel.hidden !== false))
  byId('chat-close', HTMLButtonElement).addEventListener('click', () => open(false))
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') open(false)
  })
  byId('compose', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const text = field.value.trim()
    if (!text) return
    say(text)
    field.value = ''
  })

  return {
    add: (from, text) => {
      list.append(line(from, text))
      while (list.children.length > LINES + 1) list.children[1]?.remove()
      list.parentElement?.scrollTo({ top: list.scrollHeight })
      if (panel.hidden && !from.isSelf) unread += 1
      showUnread()
    },
  }
}

const line = (from: Participant, text: string): HTMLLIElement => {
  const item = create('li', 'line')
  const by = create('div', 'by')
  const time = create('time', '', new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }))
  by.append(create('bdi', '', from.isSelf ? strings.youInChat : from.name), time)
  item.append(by, create('p', '', text))
  return item
}
