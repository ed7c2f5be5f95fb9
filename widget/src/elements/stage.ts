/** The people: a tile each, in the order they came; who stays keeps their tile. */
import type { Participant } from '../engine/call.ts'
import { byId } from './dom.ts'
import { makeTile, type Tile } from './tile.ts'

export const stage = (): ((people: readonly Participant[], isConnected: boolean) => void) => {
  const place = byId('stage', HTMLElement)
  const mid = byId('mid', HTMLElement)
  const tiles = new Map<string, Tile>()

  return (people, isConnected) => {
    const present = new Set(people.map((person) => person.id))
    for (const [id, tile] of tiles) {
      if (present.has(id)) continue
      tile.element.remove()
      tiles.delete(id)
    }
    for (const person of people) {
      const tile = tiles.get(person.id) ?? makeTile()
      if (!tiles.has(person.id)) place.append(tile.element)
      tiles.set(person.id, tile)
      tile.show(person)
    }
    place.dataset['count'] = people.length > 4 ? 'many' : String(people.length)
    mid.classList.toggle('alone-in', people.length < 2 && isConnected)
  }
}
