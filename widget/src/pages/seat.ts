/**
 * This tab's seat token: the same after a reload, so that the tab takes its own seat back; another one in a duplicated
 * tab, which copies the memory of the first. A Web Lock on the token, held as long as the page lives, tells the two apart.
 */
import { SEAT_KEY, tabMemory } from './memory.ts'

export const seatToken = async (): Promise<string> => {
  const kept = tabMemory.get(SEAT_KEY)
  if (kept && (await holds(kept))) return kept
  const fresh = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  tabMemory.set(SEAT_KEY, fresh)
  await holds(fresh)
  return fresh
}

/** Whether this page is the one that uses the token; then it is until the page ends. */
const holds = (token: string): Promise<boolean> =>
  new Promise((resolve) => {
    const keep = (lock: Lock | null) => {
      resolve(lock !== null)
      return lock && new Promise<never>(() => {})
    }
    void navigator.locks.request(`${SEAT_KEY}.${token}`, { ifAvailable: true }, keep)
  })
