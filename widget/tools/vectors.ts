/**
 * Recomputes every value of vector files and says each difference: the contract between the two languages, checked.
 * `npm run vectors -- FILE…`; exit code 0 when all is equal.
 *
 * A file is a record of groups. A group that is not known or has no rows, a row with a missing or an unknown field, a
 * file that cannot be read and one in which nothing was compared are errors of their own, said with their place. Twin: kibitz/vectors.py.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Refused } from '../src/wire/refusal.ts'
import { isPlain, readJson } from '../src/wire/values.ts'
import { CONTEXT, DOOR_INVITE, FROZEN, type Group, NOT_YET, VERDICTS } from './vector-groups.ts'

type Entries = Readonly<Record<string, unknown>>

/** What was found in files: lines for a person, and whether all was well. */
class Report {
  readonly lines: string[] = []
  isGood = true

  /** Says a difference or an error. */
  fail(line: string): void {
    this.lines.push(line)
    this.isGood = false
  }
}

const checkFile = async (path: string, report: Report): Promise<void> => {
  try {
    await checkText(
      basename(path),
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path)),
      report,
    )
  } catch (problem) {
    if (!isFileProblem(problem)) throw problem
    report.fail(`${path}: cannot be read: ${problem.message}`)
  }
}

/** An operating system's error, or bytes that are no UTF-8; both carry a code. */
const isFileProblem = (problem: unknown): problem is Error =>
  problem instanceof Error && 'code' in problem && typeof problem.code === 'string'

const checkText = async (name: string, text: string, report: Report): Promise<void> => {
  const value = readJson(text)
  const groups = value instanceof Refused || isPlain(value) ? value : new Refused('not-a-record')
  if (groups instanceof Refused) return report.fail(`${name}: ${groups.sentence}`)
  const context = readContext(name, groups, report)
  let compared = 0
  for (const [groupName, part] of Object.entries(groups)) {
    const place = `${name} ${groupName}`
    if (NOT_YET.includes(groupName)) putOff(place, part, report)
    else if (!Object.hasOwn(CONTEXT, groupName))
      compared += await checkGroup(place, part, groupOf(groupName, groups), context, report)
  }
  if (compared === 0) report.fail(`${name}: nothing was compared, since no group that is checked here has a row`)
}

const putOff = (place: string, part: unknown, report: Report): void => {
  if (isPlain(part)) report.lines.push(`${place}: not yet`)
  else report.fail(`${place}: a record with named fields was expected`)
}

const readContext = (name: string, groups: Entries, report: Report): Entries => {
  const found: Record<string, unknown> = {}
  for (const [key, codec] of Object.entries(CONTEXT)) {
    if (!Object.hasOwn(groups, key)) continue
    const decoded = codec.decode(groups[key], key)
    if (decoded instanceof Refused) report.fail(`${name} ${decoded.where}: ${decoded.sentence}`)
    else found[key] = decoded
  }
  return found
}

const groupOf = (name: string, groups: Entries): Group | undefined => {
  if (name === 'invite' && Object.hasOwn(groups, 'creator_key')) return DOOR_INVITE
  if (Object.hasOwn(FROZEN, name)) return FROZEN[name]
  return Object.hasOwn(VERDICTS, name) ? VERDICTS[name] : undefined
}

/** Says what differs in a group, and answers how many rows were looked at. */
const checkGroup = async (
  place: string,
  value: unknown,
  group: Group | undefined,
  context: Entries,
  report: Report,
): Promise<number> => {
  const rows = rowsOf(value, group, context)
  if (!group || typeof rows === 'string') {
    report.fail(`${place}: ${rows}`)
    return 0
  }
  let differences = 0
  for (const [at, row] of rows.entries()) {
    for (const line of await checkRow(`${place}[${at}]`, row, group, context)) {
      report.fail(line)
      differences += 1
    }
  }
  report.lines.push(
    `${place}: ${counted(rows.length, 'row')}, ${differences > 0 ? counted(differences, 'difference') : 'all equal'}`,
  )
  return rows.length
}

/** The rows of a group, or why there are none. */
const rowsOf = (value: unknown, group: Group | undefined, context: Entries): readonly unknown[] | string => {
  if (!group) return 'this group is not known here'
  const lacking = group.needs.filter((key) => !Object.hasOwn(context, key))
  if (lacking.length > 0) return `needs ${lacking.join(', ')}`
  const rows = group.rows(value)
  if (rows instanceof Refused) return 'its rows have another shape'
  return rows.length > 0 ? rows : 'it has no rows'
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

const checkRow = async (place: string, value: unknown, group: Group, context: Entries): Promise<readonly string[]> => {
  if (!isPlain(value)) return [`${place}: this row is no record`]
  const row = given(value, group, context)
  const complaint = wrongFields(value, group) || (typeof row === 'string' ? row : '')
  if (complaint || typeof row === 'string') return [`${place}: ${complaint}`]
  const found = foundOf(await group.compute(row, context), group)
  const names = group.found.length > 0 ? group.found : ['gives', 'refused', 'where']
  const differences = names
    .filter((key) => Object.hasOwn(value, key))
    .filter((key) => !Object.hasOwn(found, key) || shown(found[key]) !== shown(value[key]))
    .map(
      (key) => `${place}.${key}: stated ${shown(value[key])}, computed ${shown(Object.hasOwn(found, key) ? found[key] : found)}`,
    )
  return [...differences, ...(await checkRefused(`${place}.refused`, value['refused'], group, context))]
}

/** What is wrong with the names of a row's fields, empty for nothing. */
const wrongFields = (row: Entries, group: Group): string => {
  const asides = group.refuse ? ['why', 'refused'] : ['why']
  const stated = Object.keys(row).filter((key) => !Object.hasOwn(group.given, key) && !asides.includes(key))
  const wanted =
    group.found.length > 0 ? [group.found.filter((key) => !Object.hasOwn(group.given, key))] : [['gives'], ['refused', 'where']]
  const unknown = stated.filter((key) => !wanted.flat().includes(key)).sort()
  if (unknown.length > 0) return `the field ${unknown[0]} is not known here`
  if (group.refuse && !Object.hasOwn(row, 'refused')) return 'the field refused is missing'
  const lacking = Object.keys(group.given)
    .filter((key) => !Object.hasOwn(row, key))
    .sort()
  if (lacking.length > 0) return `the field ${lacking[0]} is missing`
  if (wanted.some((names) => names.length === stated.length && names.every((key) => stated.includes(key)))) return ''
  const missing = wanted[0]?.filter((key) => !stated.includes(key)).sort() ?? []
  return missing.length > 0 ? `the field ${missing[0]} is missing` : 'it states two verdicts'
}

const given = (entries: Entries, group: Group, context: Entries): Entries | string => {
  const row: Record<string, unknown> = {}
  for (const [key, codec] of Object.entries(group.given)) {
    const decoded: unknown = codec.decode(Object.hasOwn(entries, key) ? entries[key] : null, key)
    if (decoded instanceof Refused) return `${decoded.where}: ${decoded.sentence}`
    row[key] = decoded
  }
  const keys = context['keys'] instanceof Map ? context['keys'] : new Map()
  const named = [row['key'] ?? row['allowed'] ?? []].flat()
  const stranger = named.find((name) => !keys.has(name))
  return stranger === undefined ? row : `no key is called ${stranger}`
}

const foundOf = (computed: unknown, group: Group): Entries => {
  if (group.found.length === 0) return computed instanceof Refused ? refusal(computed) : { gives: computed }
  if (!isPlain(computed)) return {}
  return Object.fromEntries(Object.entries(computed).map(([key, part]) => [key, part instanceof Refused ? refusal(part) : part]))
}

const refusal = (found: Refused) => ({ refused: found.code, where: found.where })

/** Rows inside a row that must be refused, each for its own reason. */
const checkRefused = async (place: string, rows: unknown, group: Group, context: Entries): Promise<readonly string[]> => {
  if (!group.refuse) return []
  if (!Array.isArray(rows)) return [`${place}: a list was expected`]
  const fields = ['why', ...group.refused]
  const lines: string[] = []
  for (const [at, row] of rows.entries()) {
    if (!isPlain(row) || Object.keys(row).sort().join() !== fields.toSorted().join()) {
      lines.push(`${place}[${at}]: the fields ${fields.join(', ')} were expected`)
    } else if (!Object.values(row).every((part) => typeof part === 'string')) {
      lines.push(`${place}[${at}]: texts were expected`)
    } else if (!((await group.refuse(row, context)) instanceof Refused)) {
      lines.push(`${place}[${at}]: accepted, though it should be refused (${row['why']})`)
    }
  }
  return lines
}

/** JSON with sorted keys, so that equal values are equal texts. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (isPlain(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part)) ??
  'nothing'

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1)

const paths = process.argv.slice(2)
if (paths.length === 0) {
  process.stderr.write('usage: npm run vectors -- FILE…\n')
  process.exitCode = 2
} else {
  const report = new Report()
  for (const path of paths) await checkFile(path, report)
  process.stdout.write(report.lines.map((line) => `${line}\n`).join(''))
  process.exitCode = report.isGood ? 0 : 1
}
