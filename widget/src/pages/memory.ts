/** What our pages remember: for this browser, and for this tab. */
import { rememberHere } from '../adapters/browser-memory.ts'

export const browserMemory = rememberHere(() => localStorage)
export const tabMemory = rememberHere(() => sessionStorage)

/** The name somebody last joined with (PROTOCOL 15). In the browser's memory. */
export const NAME_KEY = 'kibitz.name'
/** This tab's seat token (PROTOCOL 4.1). In the tab's memory. */
export const SEAT_KEY = 'kibitz.seat'
/** Where a notice about the link waits for the room. In the tab's memory. */
export const NOTICE_KEY = 'kibitz.notice'
