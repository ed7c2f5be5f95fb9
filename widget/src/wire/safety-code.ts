/**
 * The safety code of a pair: symbols both sides read to each other, made from both certificates.
 *
 * The same four symbols on both ends mean that nobody sits in between, as long as nobody could try certificates until they
 * match; a determined attacker can (0.27), so the interface labels this code and remembers nothing.
 * Source: PROTOCOL.md 8.3. The symbols are stated once in symbols.json. Twin: kibitz/wire/safety_code.py.
 */
import symbols from '../../../kibitz/wire/symbols.json' with { type: 'json' }
import { sha256, utf8 } from './base64url.ts'
import { fingerprint } from './fingerprints.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

/** One picture and its name, for people who read aloud or cannot see it. */
export interface SafetySymbol {
  readonly symbol: string
  readonly name: string
}

export const SYMBOLS: readonly SafetySymbol[] = symbols

/** Indexes into SYMBOLS for two fingerprints in any order; count: 1 to 32. Refuses `bad-number`, `bad-fingerprint`. */
export const pairCode = async (one: string, other: string, count = 4): Promise<readonly number[] | Refused> => {
  if (!(count >= 1 && count <= LIMITS.safety_symbols)) return new Refused('bad-number', 'count')
  const a = fingerprint.decode(one, 'one')
  const b = fingerprint.decode(other, 'other')
  if (a instanceof Refused) return a
  return b instanceof Refused ? b : codeIndexes(await sha256(utf8([a, b].sort().join('|'))), count)
}

/** The first count bytes of a digest, five bits of each. */
export const codeIndexes = (digest: Uint8Array, count: number): readonly number[] =>
  [...digest.subarray(0, count)].map((byte) => byte & 31)
