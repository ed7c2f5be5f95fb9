/**
 * Every decoder of messages by a name that both languages know, for vectors and for tests that compare the two.
 *
 * A reader takes a text as it came from outside and answers what it would write again, or a refusal.
 * Twin: kibitz/wire/registry.py.
 */
import { readClientFrame } from './broker-frames.ts'
import type { Codec } from './codec.ts'
import { appData, content } from './content.ts'
import { toParticipant } from './coordination.ts'
import { agentEnvelope, readEnvelope } from './envelopes.ts'
import { grant, grantMap } from './grants.ts'
import { inkEvent } from './ink.ts'
import { payHref } from './pay-links.ts'
import { toCoordinator } from './presence.ts'
import { Refused } from './refusal.ts'
import { member, meta, roster } from './roster.ts'
import { answerPayload, candidatePayload, offerPayload, readServerFrame, serverFrame } from './server-frames.ts'
import { readJson } from './values.ts'

export type Reader = (text: string) => unknown

/** Reads a JSON text with a codec and writes it again. */
export const jsonReader =
  <T>(codec: Codec<T>): Reader =>
  (text) => {
    const value = readJson(text)
    const decoded = value instanceof Refused ? value : codec.decode(value)
    return decoded instanceof Refused ? decoded : codec.encode(decoded)
  }

const clientFrame: Reader = (text) => {
  const frame = readClientFrame(text)
  return frame instanceof Refused ? frame : { type: frame.type, dst: frame.destination ?? null, bringsSrc: frame.bringsSrc }
}

const server: Reader = (text) => {
  const frame = readServerFrame(text)
  return frame instanceof Refused ? frame : serverFrame.encode(frame)
}

const envelope: Reader = (text) => {
  const value = readJson(text)
  const message = value instanceof Refused ? value : appData.decode({ data: value })
  const found = message instanceof Refused ? message : readEnvelope(message.data)
  if (found instanceof Refused) return found
  return found.kind === 'raw-data' ? { raw: found.data } : agentEnvelope.encode(found)
}

export const READERS: ReadonlyMap<string, Reader> = new Map([
  ['to-coordinator', jsonReader(toCoordinator)],
  ['to-participant', jsonReader(toParticipant)],
  ['roster', jsonReader(roster)],
  ['member', jsonReader(member)],
  ['meta', jsonReader(meta)],
  ['content', jsonReader(content)],
  ['ink-event', jsonReader(inkEvent)],
  ['grant', jsonReader(grant)],
  ['grant-map', jsonReader(grantMap)],
  ['envelope', envelope],
  ['pay-href', payHref],
  ['client-frame', clientFrame],
  ['server-frame', server],
  ['offer-payload', jsonReader(offerPayload)],
  ['answer-payload', jsonReader(answerPayload)],
  ['candidate-payload', jsonReader(candidatePayload)],
])

export type Verdict = { readonly ok: unknown } | { readonly refused: string; readonly where: string }

/** What a reader says of a text, as both languages print it. */
export const verdict = (decoder: string, text: string): Verdict => {
  const read = READERS.get(decoder)
  if (!read) throw new TypeError(`no decoder is called ${decoder}`)
  const found = read(text)
  return found instanceof Refused ? { refused: found.code, where: found.where } : { ok: found }
}
