/**
 * What agents put into app data: a line to say, a view to show, an action to take; everything else is an application's.
 *
 * Source: PROTOCOL 7.4, 0.13.
 * Twin: kibitz/wire/envelopes.py.
 */
import { type Decoded, opaqueData, record, tagged, text } from './codec.ts'
import { LIMITS } from './limits.ts'
import type { Refused } from './refusal.ts'
import { isPlain } from './values.ts'

const KEY = '__kib_agent'

const anything = opaqueData(LIMITS.app_json_chars)

/** As it travels inside of app data. view: in the agent's own terms; action: needs the capability `act`. */
export const agentEnvelope = tagged(
  KEY,
  {
    chat: record('agent-says', { text: ['text', text(LIMITS.app_json_chars)] }),
    view: record('agent-shows', { view: ['view', anything] }),
    act: record('agent-acts', { action: ['action', anything] }),
  },
  { chat: 'agent-says', view: 'agent-shows', act: 'agent-acts' },
)
export type AgentEnvelope = Decoded<typeof agentEnvelope>

/** An application's own. */
export interface RawData {
  readonly kind: 'raw-data'
  readonly data: unknown
}

/** What app data is. Refuses an envelope of an unknown kind (`unknown-kind`) or without its content. */
export const readEnvelope = (data: unknown): AgentEnvelope | RawData | Refused =>
  isPlain(data) && Object.hasOwn(data, KEY) && typeof data[KEY] === 'string'
    ? agentEnvelope.decode(data, 'data')
    : { kind: 'raw-data', data }
