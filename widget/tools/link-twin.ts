/**
 * Links as TypeScript reads and writes them, for the test that compares both languages.
 *
 * JSON lines in: {"op":"read","typed","own_origin"} or {"op":"write","origin","room","params"}, params in clear names.
 * JSON lines out: {"room","params","raw","notice"}, {"link"} or {"refused","where"}.
 */
import { createInterface } from 'node:readline'
import { type LinkParams, linkParams } from '../src/wire/link-params.ts'
import { readLink, writeLink } from '../src/wire/links.ts'
import { Refused } from '../src/wire/refusal.ts'

type Question =
  | { readonly op: 'read'; readonly typed: string; readonly own_origin: string }
  | { readonly op: 'write'; readonly origin: string; readonly room: string; readonly params: Partial<LinkParams> }

const answer = (question: Question): object => {
  if (question.op === 'read') {
    const opened = readLink(question.typed, question.own_origin)
    if (opened instanceof Refused) return refused(opened)
    const { room, params, raw, notice } = opened
    return { room, params, raw, notice }
  }
  const link = writeLink(question.origin, question.room, linkParams(question.params))
  return link instanceof Refused ? refused(link) : { link }
}

const refused = ({ code, where }: Refused): object => ({ refused: code, where })

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question // the lines are written by our own test
  process.stdout.write(`${JSON.stringify(answer(question))}\n`)
}
