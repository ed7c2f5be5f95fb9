/** `/`: the landing page, or a room when the address has a fragment. */
import { bindLanding } from './landing.ts'
import { openRoom } from './room.ts'

const isRoom = (): boolean => location.hash.length > 1
let hasRoom = false

const show = (): void => {
  if (hasRoom) {
    location.reload() // a call belongs to one address; another fragment is another room, so the page starts afresh
    return
  }
  hasRoom = isRoom()
  document.documentElement.dataset['view'] = hasRoom ? 'room' : 'landing'
  if (hasRoom) openRoom(location)
}

bindLanding()
show()
addEventListener('hashchange', show)
