import { loadavg } from 'node:os'
import { buildSite, currentBuild } from '../../src/gateway/site-build.ts'
import { eventually } from '../../test/support/eventually.ts'
import { startBenchSite, type BenchSite } from '../bureau-site.ts'
import { encodeRequest } from '../load/http-connection.ts'
import { startGenerator, type Generator } from '../load/start-generator.ts'
import { measureNoisyNeighbour } from '../noisy-neighbour.ts'
import { cpuMsBetween, readCpuTimes } from '../process-usage.ts'
import { bootstrapMedian, percentile } from '../statistics.ts'
import { callersOf } from './callers-of.ts'

const PATHS = ['/', '/agents', '/agents/bureau/csv-profiler'] as const
const CONNECTIONS = 16
const ROUND_MS = 3_000
const CALLERS = 8
const LOADERS = 8
/** As a browser asks for a page. */
const BROWSER = { Accept: 'text/html', 'Accept-Encoding': 'gzip, deflate, br, zstd' }

/** Public pages from the gateway's memory, a path after the other and all of them in each round; then eight callers of the
 * API, alone and while eight clients load pages that have to be rendered, in turn. */
export async function measurePages(rounds: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const [generator, loader] = [await startGenerator(), await startGenerator()]
  stack.defer(() => generator.stop())
  stack.defer(() => loader.stop())
  say('building the site')
  await buildSite(await currentBuild(), AbortSignal.timeout(900_000), 0)
  const site = await startBenchSite({
    BUREAU_SITE: 'built',
    BUREAU_RATE_ADDRESS: '1000000000',
    BUREAU_RATE_PRINCIPAL: '1000000000',
    BUREAU_LOG_LEVEL: 'warn',
  })
  stack.defer(() => site.stop())
  await fromMemory({ site, generator }, rounds, say)
  await besidePages({ site, generator, loader }, rounds, say)
}

async function fromMemory(
  { site, generator }: { readonly site: BenchSite; readonly generator: Generator },
  rounds: number,
  say: (line: string) => void,
): Promise<void> {
  const sizes = new Map<string, number>()
  for (const path of PATHS) {
    const url = new URL(path, site.server.url)
    const answer = await eventually(
      async () => {
        const response = await fetch(url, { headers: BROWSER })
        if (response.status !== 200) throw new Error(`${path} answers ${response.status}\n${site.server.output()}`)
        return response
      },
      { withinMs: 120_000 },
    )
    sizes.set(path, (await answer.bytes()).byteLength)
    const request = encodeRequest('GET', url, BROWSER)
    await generator.open(
      path,
      url,
      Array.from({ length: CONNECTIONS }, () => request),
    )
    await generator.round(path, CONNECTIONS, ROUND_MS)
  }
  const rates = new Map<string, { perSecond: number[]; perCpuSecond: number[]; p99Ms: number[] }>()
  for (let round = 1; round <= rounds; round += 1) {
    for (const path of PATHS) {
      const before = readCpuTimes([site.server.pid])
      const load = await generator.round(path, CONNECTIONS, ROUND_MS)
      const failures = Object.keys(load.failures)
      if (failures.length > 0) throw new Error(`${path}: ${failures.join(', ')} ${load.firstFailure ?? ''}`)
      const cpuMs = cpuMsBetween(before, readCpuTimes([site.server.pid]))
      const known = rates.get(path) ?? { perSecond: [], perCpuSecond: [], p99Ms: [] }
      known.perSecond.push((load.answered / load.wallMs) * 1_000)
      known.perCpuSecond.push((load.answered / cpuMs) * 1_000)
      known.p99Ms.push(percentile(load.latenciesMs, 0.99))
      rates.set(path, known)
    }
    say(`round ${round} of ${rounds}, load ${(loadavg()[0] ?? 0).toFixed(1)}`)
  }
  for (const [path, { perSecond, perCpuSecond, p99Ms }] of rates)
    say(
      `${path} (${sizes.get(path) ?? 0} bytes): ${rate(perSecond)} requests/s; ${rate(perCpuSecond)} a CPU second of ` +
        `the server and its children; p99 ${bootstrapMedian(p99Ms).median.toFixed(1)} ms`,
    )
}

function rate(values: readonly number[]): string {
  const { median, low, high } = bootstrapMedian(values)
  return `${median.toFixed(0)} [${low.toFixed(0)} - ${high.toFixed(0)}], best ${Math.max(...values).toFixed(0)}`
}

async function besidePages(
  deps: { readonly site: BenchSite; readonly generator: Generator; readonly loader: Generator },
  pairs: number,
  say: (line: string) => void,
): Promise<void> {
  const { site, generator, loader } = deps
  const callers = await callersOf(site, CALLERS)
  await generator.open(
    'api',
    site.server.url,
    callers.map((caller) => caller.request(site.echo.agentId, site.echo.body)),
  )
  // Not one of the pages that are kept: each has to be rendered.
  const page = new URL('/status', site.server.url)
  const request = encodeRequest('GET', page, BROWSER)
  await loader.open(
    'pages',
    page,
    Array.from({ length: LOADERS }, () => request),
  )
  await loader.round('pages', LOADERS, ROUND_MS)
  const result = await measureNoisyNeighbour(
    { generator, neighbour: loader, progress: say },
    'api',
    { target: 'pages', connections: LOADERS },
    { pairs, roundMs: 2 * ROUND_MS, settleMs: 500 },
  )
  const { quiet, during, p99 } = result
  say(
    `API, ${CALLERS} callers: p50 ${quiet.p50Ms.toFixed(1)} -> ${during.p50Ms.toFixed(1)} ms, p99 ` +
      `${quiet.p99Ms.toFixed(1)} -> ${during.p99Ms.toFixed(1)} ms while ${LOADERS} clients load pages; ratio of p99 ` +
      `${p99.median.toFixed(2)} [${p99.low.toFixed(2)} - ${p99.high.toFixed(2)}]; ${result.failures} of ` +
      `${quiet.runs + during.runs} failed; pages rendered meanwhile ${JSON.stringify(result.neighbour)}`,
  )
}
