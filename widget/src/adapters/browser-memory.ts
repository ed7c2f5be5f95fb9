/**
 * The browser's storage, or a Map where the person's settings refuse it: then this page forgets when it is closed.
 */
import type { Memory } from '../ports/memory.ts'

export const rememberHere = (open: () => Storage): Memory => {
  try {
    const storage = open()
    storage.setItem(PROBE, '')
    storage.removeItem(PROBE)
    return {
      get: (key) => storage.getItem(key) ?? undefined,
      set: (key, value) => storage.setItem(key, value),
      delete: (key) => storage.removeItem(key),
    }
  } catch {
    return new Map() // a SecurityError, or a quota of nothing: the browser has no other way to say no
  }
}

const PROBE = 'kibitz.probe'
