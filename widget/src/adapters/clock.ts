/** The browser's clock. */
import type { Clock } from '../ports/clock.ts'

export const browserClock: Clock = {
  now: () => performance.now(),
  after: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms)
    return () => clearInterval(timer)
  },
}
