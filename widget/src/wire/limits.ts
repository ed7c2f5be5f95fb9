/**
 * Every size limit of the wire, stated once in limits.json with its reason, read by both twins.
 * Twin: kibitz/wire/limits.py. Text lengths count UTF-16 code units.
 */
import stated from '../../../kibitz/wire/limits.json' with { type: 'json' }

type Limits = { readonly [Name in keyof typeof stated]: number }

export const LIMITS: Limits = Object.fromEntries(Object.entries(stated).map(([name, entry]) => [name, entry.value])) as Limits // fromEntries forgets the keys it was given; they are those of the file
