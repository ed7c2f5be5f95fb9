/** Time as the engine sees it. The real one is adapters/clock.ts. Times are milliseconds. */
export interface Clock {
  now(): number
  /** Resolves after the time has passed. */
  after(ms: number): Promise<void>
  /** Calls back again and again; the returned function ends it. */
  every(ms: number, tick: () => void): () => void
}
