/**
 * Which rooms this client may open at all. A rule at the door that it cannot check yet keeps the room closed: opened without
 * the check, the first to arrive would let everybody in (docs/decisions/0003-links-with-rules-wait.md).
 */
import { first, type LinkParams, type Raw } from '../wire/link-params.ts'
import { Refused } from '../wire/refusal.ts'

/** What names a host who may moderate. Looked up as written: a damaged key is a rule too. */
const HOST_KEYS = ['gh', 'ghk', 'gho'] as const

/** Null when the room may be opened; refuses `door-not-here`. */
export const whyClosed = (params: LinkParams, raw: Raw): Refused | null => {
  const hasRule = params.everyoneChecks || params.mode !== 'open' || params.lobbyAtStart
  const hasHost = HOST_KEYS.some((key) => first(raw, key))
  return hasRule || hasHost ? new Refused('door-not-here') : null
}
