/**
 * Ink: pointers and strokes over somebody's picture.
 *
 * Places are shares of the picture's content box, 0 to 1; outside of it they are moved to its edge, so a stroke of an
 * older build that crosses the edge keeps its shape. Limits: 1,000 strokes and 20,000 points in one restore.
 * Source: PROTOCOL 7.1.
 * Twin: kibitz/wire/ink.py.
 */
import {
  type Codec,
  checked,
  type Decoded,
  type Field,
  filled,
  finite,
  lenient,
  many,
  mark,
  optional,
  record,
  shown,
  tagged,
  text,
  whole,
} from './codec.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

export const share: Codec<number> = {
  ...finite,
  decode: (value, where) => {
    const number = finite.decode(value, where)
    return number instanceof Refused ? number : Math.min(1, Math.max(0, number))
  },
}

const strokeNumber = whole()
const strokeText = text(LIMITS.stroke_id_chars, 1)

/** Names a stroke of its sender: a text, or a number read as one. */
export const strokeId: Codec<string> = {
  ...strokeText,
  decode: (value, where) => {
    const number = strokeNumber.decode(value, where)
    return number instanceof Refused ? strokeText.decode(value, where) : String(number)
  },
}

/** A CSS colour; without one the sender's own colour. */
export const colour = lenient(filled(shown(LIMITS.ink_colour_chars)))

const place = { x: ['x', share], y: ['y', share] } as const
const coloured: Field<string | undefined> = ['color', colour]

/** A whole stroke. */
const stroke = record('stroke', {
  colour: coloured,
  points: ['pts', many(record('point', place), LIMITS.ink_points)],
})
export type Stroke = Decoded<typeof stroke>

const fewPoints = (strokes: readonly Stroke[], where: string): Refused | null =>
  strokes.reduce((sum, { points }) => sum + points.length, 0) > LIMITS.ink_points ? new Refused('too-many', where) : null

/**
 * isStart: a stroke's first point. image: which picture a restore is for, in the sender's words; a restore is everything
 * the sender drew, for somebody who came later.
 */
export const inkEvent = tagged(
  'k',
  {
    ptr: record('pointer-moved', place),
    draw: record('stroke-drawn', { strokeId: ['sid', strokeId], ...place, isStart: ['start', mark], colour: coloured }),
    clear: record('ink-cleared', {}),
    restore: record('ink-restored', {
      image: ['image', optional(text(LIMITS.ink_image_chars))],
      strokes: ['strokes', checked(many(stroke, LIMITS.ink_strokes), fewPoints)],
    }),
  },
  { ptr: 'pointer-moved', draw: 'stroke-drawn', clear: 'ink-cleared', restore: 'ink-restored' },
)
export type InkEvent = Decoded<typeof inkEvent>

/** One ink event. name, colour: as the sender shows itself, else the roster's name and a derived colour. */
export const ink = record('ink', {
  event: ['e', inkEvent],
  name: ['n', lenient(filled(shown(LIMITS.ink_name_chars)))],
  colour: ['c', colour],
})
export type Ink = Decoded<typeof ink>
