/** 500 readers of 50 runs: are the events in order, how late is each, and what does the server take? Latency is from the
 * host's clock when the agent said it (`at`, on this machine) until the reader has it. `node scripts/run.mjs bench/streams.ts` */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { startBureauProcess } from '../test/support/bureau-process.ts'
import { aCaller, type Caller } from '../test/support/callers.ts'
import { publishAgent } from '../test/support/publish-agent.ts'
import { readEvents } from '../test/support/read-events.ts'
import { startBenchSite } from './bureau-site.ts'
import { percentile } from './statistics.ts'

const RUNS = 50
const READERS = 500
const CHUNKS = 40
const EVERY_MS = 100
const TALKER = `export default async ({ chunks, ms }, ctx) => {
  for (let n = 0; n < chunks; n++) {
    await new Promise((done) => setTimeout(done, ms))
    ctx.emit({ n })
  }
  return chunks
}`

const queued = z.object({ runId: z.string() })

async function main(): Promise<void> {
  const site = await startBenchSite({
    BUREAU_RUNS_PER_ACCOUNT: String(RUNS),
    BUREAU_SANDBOX_MAX_RUNNING: String(RUNS),
    // One account reads them all.
    BUREAU_STREAMS_PER_ACCOUNT: '10000',
  })
  const elsewhere = process.argv.includes('--second-process')
    ? await startBureauProcess({ BUREAU_DATA: site.dataDir, DATABASE_URL: site.databaseUrl })
    : null
  try {
    const creator = await aCaller(site.db, 0n, 'Creator')
    const caller = await aCaller(site.db, 0n)
    const agentId = await publishAgent({ db: site.db, dataDir: site.dataDir }, creator, {
      name: 'Talker',
      source: TALKER,
      timeoutMs: 120_000,
      memoryMb: 32,
    })
    const runs = await Promise.all(Array.from({ length: RUNS }, () => queueRun(site.server.url, caller, agentId)))
    const readAt = elsewhere?.url ?? site.server.url
    const results = await Promise.all(
      Array.from({ length: READERS }, (_, n) => follow(readAt, caller, runs[n % RUNS] ?? '')),
    )
    const latencies = Float64Array.from(results.flatMap((result) => result.latenciesMs)).sort()
    const rssMb = await residentMb((elsewhere ?? site.server).pid)
    const figures = {
      readers: results.length,
      whole: results.filter((result) => result.isWhole).length,
      inOrder: results.filter((result) => result.isInOrder).length,
      chunks: latencies.length,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      rssMb,
    }
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  } finally {
    await elsewhere?.stop()
    await site.stop()
  }
}

async function queueRun(base: URL, caller: Caller, agentId: string): Promise<string> {
  const answer = await fetch(new URL(`api/agents/${agentId}/run`, base), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      'content-type': 'application/json',
      prefer: 'respond-async',
    },
    body: JSON.stringify({ chunks: CHUNKS, ms: EVERY_MS }),
  })
  return queued.parse(await answer.json()).runId
}

async function follow(
  base: URL,
  caller: Caller,
  runId: string,
): Promise<{ isWhole: boolean; isInOrder: boolean; latenciesMs: number[] }> {
  const latenciesMs: number[] = []
  const answer = await fetch(new URL(`api/runs/${runId}/events`, base), {
    headers: { authorization: `Bearer ${caller.apiKey}` },
  })
  const openedAt = Date.now()
  const { events } = await readEvents(answer, ({ type, data }) => {
    // What was said before this reader came is history, not late.
    const at = Date.parse(String(data['at']))
    if (type === 'run.chunk' && at > openedAt) latenciesMs.push(Date.now() - at)
    return false
  })
  const told = events.flatMap((event) => (event.id === null ? [] : [event.id]))
  return {
    isWhole: events.at(-1)?.type === 'run.settled',
    isInOrder: told.every((id, n) => id === n + 1),
    latenciesMs,
  }
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)
}

await main()
