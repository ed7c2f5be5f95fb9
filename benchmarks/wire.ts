/**
 * The TypeScript half of benchmarks/wire.py: JSON lines {"reader", "hostile", "valid"} in, for each reader the CPU
 * milliseconds of one pass over each list out, medians over the number of runs given.
 */
import { text } from 'node:stream/consumers'
import { READERS } from '../widget/tools/wire-verdicts.ts'

interface Sets {
  readonly reader: string
  readonly hostile: readonly string[]
  readonly valid: readonly string[]
}

const runs = Number(process.argv[2])

const cpuMs = async (reader: string, texts: readonly string[]): Promise<number> => {
  const read = READERS.get(reader)
  if (!read) throw new TypeError(`no reader is called ${reader}`)
  const start = process.cpuUsage()
  for (const one of texts) {
    const found = read(one)
    if (found instanceof Promise) await found
  }
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const median = async (reader: string, texts: readonly string[]): Promise<number> => {
  const costs: number[] = []
  for (let run = 0; run < runs; run += 1) costs.push(await cpuMs(reader, texts))
  return costs.sort((one, other) => one - other)[Math.floor(runs / 2)] ?? 0
}

const costs: Record<string, Record<string, number>> = {}
for (const line of (await text(process.stdin)).split('\n').filter(Boolean)) {
  const { reader, hostile, valid }: Sets = JSON.parse(line)
  costs[reader] = { hostile: await median(reader, hostile), valid: await median(reader, valid) }
}
process.stdout.write(JSON.stringify(costs))
