/**
 * A refusal is a value: a stable code and the place it was found. Sentences live in codes.json, shared with Python.
 * Twin: kibitz/wire/refusal.py.
 */
import sentences from '../../../kibitz/wire/codes.json' with { type: 'json' }

export type Code = keyof typeof sentences

/** Why a value was not accepted. `where` is the path of the offending part with dots, empty for the whole. */
export class Refused {
  readonly code: Code
  readonly where: string

  constructor(code: Code, where = '') {
    this.code = code
    this.where = where
  }

  /** What a person is told. */
  get sentence(): string {
    return sentences[this.code]
  }
}

/** The sentence of a code that came from outside, undefined if there is none. */
export const sentenceOf = (code: string): string | undefined => new Map(Object.entries(sentences)).get(code)
