/**
 * Says what the browser's decoders make of messages, for the Python tests that compare.
 *
 * stdin: lines of {"decoder": name in the registry, "text": what came}; stdout: for each line its verdict,
 * {"ok": written again} or {"refused": code, "where": path}.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { verdict } from '../src/wire/registry.ts'

const lines = readFileSync(0, 'utf8').split('\n').filter(Boolean)

const answers = lines.map((line) => {
  const { decoder, text }: { decoder: string; text: string } = JSON.parse(line) // our own tests write these lines
  return JSON.stringify(verdict(decoder, text))
})
writeFileSync(1, `${answers.join('\n')}\n`)
