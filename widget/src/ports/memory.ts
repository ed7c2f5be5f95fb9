/** What a page remembers between visits. The real one is adapters/browser-memory.ts; a Map does in a test. */
export interface Memory {
  get(key: string): string | undefined
  set(key: string, value: string): unknown
  delete(key: string): unknown
}
