/**
 * Grants: what a participant may perceive and do, as the host hands it out.
 *
 * Reading a grant makes it safe: words we do not know are dropped, what is unreadable grants nothing, and an end that is
 * unreadable is past. Nothing here has a clock; whoever asks brings the time. Source: PROTOCOL 10.
 * Twin: kibitz/wire/grants.py.
 */
import { type Codec, type Decoded, keyed, record } from './codec.ts'
import { LIMITS } from './limits.ts'
import { cut } from './values.ts'

export const PERCEIVE = [
  'see-screen',
  'hear-audio',
  'read-chat',
  'read-roster',
  'receive-directed',
  'read-media',
  'read-files',
] as const
export const ACT = ['send-chat', 'speak', 'act'] as const

export type Capability = (typeof PERCEIVE)[number] | (typeof ACT)[number]

const words = <const Word extends string>(known: readonly Word[]): Codec<readonly Word[]> => ({
  decode: (value) => (Array.isArray(value) ? known.filter((word) => value.includes(word)) : []),
  encode: (value) => value,
  absent: () => [],
})

const backend: Codec<string | undefined> = {
  decode: (value) => (typeof value === 'string' ? cut(value, LIMITS.backend_chars).toWellFormed() || undefined : undefined),
  encode: (value) => value,
  absent: () => undefined,
}

const egress: Codec<boolean> = {
  decode: (value) => value === true,
  encode: (value) => value || undefined,
  absent: () => false,
}

/** An end that no clock has before it. */
const PAST = 1

const expiry: Codec<number | undefined> = {
  decode: (value) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value || undefined : PAST),
  encode: (value) => value,
  absent: () => undefined,
}

/**
 * Rights in the order of PERCEIVE and ACT. Refuses only what is not a record.
 *
 * backend: where an agent thinks, hasEgress: whether what it hears leaves the call; both are for people to see.
 * expiresAt: epoch seconds, undefined for never.
 */
export const grant = record('grant', {
  perceive: ['perceive', words(PERCEIVE)],
  act: ['act', words(ACT)],
  backend: ['backend', backend],
  hasEgress: ['egress', egress],
  expiresAt: ['expiresAt', expiry],
})
export type Grant = Decoded<typeof grant>

/** Media id -> grant. One entry that is no record refuses the map: without its entry a participant would have more. */
export const grantMap = keyed(grant, LIMITS.grants, LIMITS.peer_id_chars)

export const NO_GRANT: Grant = {
  kind: 'grant',
  perceive: [],
  act: [],
  backend: undefined,
  hasEgress: false,
  expiresAt: undefined,
}

/** A person's, unless the host says otherwise; and always one's own. */
export const FULL_GRANT: Grant = { ...NO_GRANT, perceive: PERCEIVE, act: ACT }

/** An agent's, unless the host says otherwise: it reads along and does nothing. A backend is outside, so it is egress. */
export const agentGrant = (told: { readonly backend?: string; readonly hasEgress?: boolean } = {}): Grant => {
  const place = told.backend === undefined ? undefined : cut(told.backend, LIMITS.backend_chars).toWellFormed() || undefined
  return {
    ...NO_GRANT,
    perceive: ['read-chat', 'read-roster', 'receive-directed'],
    backend: place,
    hasEgress: told.hasEgress === true || place !== undefined,
  }
}

/** What of a request is allowed: the rights of both, what the request discloses, the earlier end. */
export const intersect = (request: Grant, allowed: Grant): Grant => {
  const ends = [request.expiresAt, allowed.expiresAt].filter((end) => end !== undefined)
  return {
    ...request,
    perceive: request.perceive.filter((word) => allowed.perceive.includes(word)),
    act: request.act.filter((word) => allowed.act.includes(word)),
    expiresAt: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

/** The grant, or none at all once it has expired. now: epoch seconds. */
export const inForce = (given: Grant, now: number): Grant =>
  given.expiresAt === undefined || now < given.expiresAt ? given : NO_GRANT

/** Whether a grant holds a capability now. now: epoch seconds. */
export const allows = (given: Grant, capability: Capability, now: number): boolean => {
  const current = inForce(given, now)
  return [...current.perceive, ...current.act].includes(capability)
}
