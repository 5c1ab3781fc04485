/** What `npm run bench` has no time for. Usage: `npm run bench:more -- SCENARIO [--size N]`; prints what it measured.
 *   agents      10 000 agents with skewed popularity (Zipf), 32 callers      --size: agents
 *   rows        the run path and the history page, empty and full            --size: rows of runs
 *   neighbours  8 callers beside poison output and a locked row              --size: pairs of rounds
 *   pages       public pages from memory, and the API while pages are rendered   --size: rounds
 *   rss         memory, descriptors and processes over many runs             --size: runs
 *   runtimes    boot, loading, warm run and memory of Deno and CPython    --size: boots of each
 *   walls       what each wall costs at boot and in a warm run               --size: boots of each */
import { parseArgs } from 'node:util'
import { measureManyAgents } from './more/many-agents.ts'
import { measureManyRows } from './more/many-rows.ts'
import { measureMemoryOverRuns } from './more/memory-over-runs.ts'
import { measurePages } from './more/pages.ts'
import { measurePoisonAndLock } from './more/poison-and-lock.ts'
import { measureRuntimes } from './more/runtimes.ts'
import { measureWalls } from './more/walls.ts'

type Scenario = { readonly size: number; run(size: number, say: (line: string) => void): Promise<void> }

const scenarios: Readonly<Record<string, Scenario>> = {
  agents: { size: 10_000, run: measureManyAgents },
  rows: { size: 10_000_000, run: measureManyRows },
  neighbours: { size: 6, run: measurePoisonAndLock },
  pages: { size: 7, run: measurePages },
  rss: { size: 200_000, run: measureMemoryOverRuns },
  runtimes: { size: 20, run: measureRuntimes },
  walls: { size: 20, run: measureWalls },
}

const { values, positionals } = parseArgs({ options: { size: { type: 'string' } }, allowPositionals: true })
const scenario = scenarios[positionals[0] ?? '']
if (scenario === undefined) throw new Error(`name one of ${Object.keys(scenarios).join(', ')}`)
const size = values.size === undefined ? scenario.size : Number(values.size)
if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('--size takes a whole number from 1 on')
await scenario.run(size, (line) => process.stdout.write(`${line}\n`))
