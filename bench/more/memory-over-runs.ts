import { readdirSync } from 'node:fs'
import { startBenchSite } from '../bureau-site.ts'
import { startGenerator } from '../load/start-generator.ts'
import { readMemory, readRss } from '../process-usage.ts'
import { callersOf } from './callers-of.ts'

const CALLERS = 32
const ROUND_MS = 5_000
const LOOKS = 20

/** Runs an agent so many times for 32 accounts, and looks at the server from time to time: what grows, grows here. */
export async function measureMemoryOverRuns(runs: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const generator = await startGenerator()
  stack.defer(() => generator.stop())
  const site = await startBenchSite()
  stack.defer(() => site.stop())
  const callers = await callersOf(site, CALLERS)
  const requests = callers.map((caller) => caller.request(site.echo.agentId, site.echo.body))
  await generator.open('memory', site.server.url, requests)
  await generator.round('memory', CALLERS, ROUND_MS)
  say('runs      server RSS MB  descriptors  processes  failed')
  let done = 0
  let failed = 0
  let looks = 0
  for (;;) {
    if (done >= (runs / LOOKS) * looks) {
      const descriptors = readdirSync(`/proc/${site.server.pid}/fd`).length
      const { processes } = readMemory([site.server.pid], [site.postgresPid])
      const rss = (readRss(site.server.pid) / 1e6).toFixed(0)
      say([String(done).padEnd(8), rss, descriptors, processes, failed].join('  '))
      looks += 1
    }
    if (done >= runs) return
    const round = await generator.round('memory', CALLERS, ROUND_MS)
    done += round.answered
    failed += Object.values(round.failures).reduce((sum, count) => sum + count, 0)
  }
}
