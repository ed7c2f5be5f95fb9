/** A clock that stands still until it is told to go on. */
import type { Clock } from './clock.ts'

export interface FakeClock extends Clock {
  /** Lets time pass; everything due on the way happens in order, each at its time. */
  pass(ms: number): Promise<void>
}

interface Alarm {
  at: number
  readonly ring: () => void
  /** 0 rings once. */
  readonly everyMs: number
}

export const fakeClock = (): FakeClock => {
  let nowMs = 0
  const alarms = new Set<Alarm>()
  const next = (untilMs: number): Alarm | undefined =>
    [...alarms].filter((alarm) => alarm.at <= untilMs).sort((one, other) => one.at - other.at)[0]
  return {
    now: () => nowMs,
    after: (ms) => new Promise((resolve) => alarms.add({ at: nowMs + ms, ring: resolve, everyMs: 0 })),
    every: (ms, tick) => {
      const alarm = { at: nowMs + ms, ring: tick, everyMs: ms }
      alarms.add(alarm)
      return () => alarms.delete(alarm)
    },
    pass: async (ms) => {
      const untilMs = nowMs + ms
      await settled()
      for (let alarm = next(untilMs); alarm; alarm = next(untilMs)) {
        nowMs = alarm.at
        if (alarm.everyMs) alarm.at += alarm.everyMs
        else alarms.delete(alarm)
        alarm.ring()
        await settled()
      }
      nowMs = untilMs
    },
  }
}

/** After everything that was already promised has happened. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
