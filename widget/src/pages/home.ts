/** `/`: the landing page, or a room when the address has a fragment. */
import { bindLanding } from './landing.ts'
import { openRoom } from './room.ts'

const show = (): void => {
  const isRoom = location.hash.length > 1
  document.documentElement.dataset['view'] = isRoom ? 'room' : 'landing'
  if (isRoom) openRoom(location)
}

bindLanding()
show()
// A call belongs to one address: another fragment is another room, so the page starts afresh.
addEventListener('hashchange', () => location.reload())
