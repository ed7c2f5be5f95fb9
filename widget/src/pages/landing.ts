/** The landing page: start a room, or open a link, a code or a name. Nothing typed is lost by a refusal. */
import { byId } from '../elements/dom.ts'
import { readLink, writeRawLink } from '../wire/links.ts'
import { Refused } from '../wire/refusal.ts'
import { NEW_ROOM_BYTES, newRoom } from '../wire/rooms.ts'
import { NOTICE_KEY, tabMemory } from './memory.ts'

export const bindLanding = (): void => {
  const problem = byId('link-problem', HTMLElement)
  const field = byId('link', HTMLInputElement)

  const start = byId('start', HTMLButtonElement)
  start.addEventListener('click', () => {
    location.hash = freshRoom()
  })
  byId('paste', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const link = readLink(field.value, location.origin)
    const address = link instanceof Refused ? link : writeRawLink(location.origin, link.room, link.raw)
    if (address instanceof Refused) {
      problem.textContent = address.sentence
      problem.dataset['code'] = address.code
      field.setAttribute('aria-invalid', 'true')
      field.focus()
      return
    }
    // The notice of a foreign link is told in the room, after the address has changed.
    if (!(link instanceof Refused) && link.notice) tabMemory.set(NOTICE_KEY, link.notice)
    location.href = address
  })
  field.addEventListener('input', () => {
    problem.textContent = ''
    field.removeAttribute('aria-invalid')
  })
  start.disabled = byId('open', HTMLButtonElement).disabled = false // only now can they do what they say
}

/** A new code; random bytes are taken again in the rare case that too few of them are usable. */
const freshRoom = (): string => {
  const room = newRoom(crypto.getRandomValues(new Uint8Array(NEW_ROOM_BYTES)))
  return room instanceof Refused ? freshRoom() : room
}
