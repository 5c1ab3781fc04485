/** Judges the public pages with Lighthouse, as a phone and as a desktop see them, on a site of its own with the demo agents.
 * Usage: `npm run lighthouse [-- --json FILE] [-- --runs N]`; prints the four categories, the median of three runs each,
 * and ends with 1 where one is below 95. Needs Chromium (`apt-get install chromium`). */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import lighthouse, { desktopConfig } from 'lighthouse'
import { chromium } from 'playwright-core'
import { buildSite, currentBuild } from '../src/gateway/site-build.ts'
import { findProgram } from '../test/support/capabilities.ts'
import { eventually } from '../test/support/eventually.ts'
import { startBenchSite } from './bureau-site.ts'
import { median } from './statistics.ts'

const PATHS = ['/', '/agents', '/agents/bureau/csv-profiler'] as const
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'] as const
const GOAL = 95
const VISIT_TRIES = 3

type Category = (typeof CATEGORIES)[number]
type Judged = {
  readonly path: string
  readonly device: 'mobile' | 'desktop'
  readonly scores: Readonly<Record<Category, number>>
  /** What cost points in any run, by audit. */
  readonly found: readonly string[]
}

const { values } = parseArgs({ options: { json: { type: 'string' }, runs: { type: 'string', default: '3' } } })
const runs = Number(values.runs)
if (!Number.isSafeInteger(runs) || runs < 1) throw new RangeError('--runs takes a whole number from 1 on')

const judged = await judgeAll()
const width = Math.max(...PATHS.map((path) => path.length))
process.stdout.write(`\n${''.padEnd(width)}            ${CATEGORIES.join('  ')}\n`)
for (const { path, device, scores, found } of judged) {
  const cells = CATEGORIES.map((category) => String(scores[category]).padStart(category.length))
  process.stdout.write(`${path.padEnd(width)}  ${device.padEnd(8)}  ${cells.join('  ')}   ${found.join(', ')}\n`)
}
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ at: new Date(), runs, judged }, null, 2)}\n`)
if (judged.some(({ scores }) => Object.values(scores).some((score) => score < GOAL))) process.exitCode = 1

async function judgeAll(): Promise<Judged[]> {
  await using stack = new AsyncDisposableStack()
  say('building the site')
  await buildSite(await currentBuild(), AbortSignal.timeout(900_000), 0)
  const site = await startBenchSite({ BUREAU_SITE: 'built', BUREAU_LOG_LEVEL: 'warn' })
  stack.defer(() => site.stop())
  const port = await freePort()
  const browser = await chromium.launch({
    executablePath: findProgram('chromium') ?? 'chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', `--remote-debugging-port=${port}`],
  })
  stack.defer(() => browser.close())
  const results: Judged[] = []
  for (const path of PATHS) {
    const url = new URL(path, site.server.url).href
    // Rendered once before it counts: what a visitor meets is the page from memory.
    await eventually(
      async () => {
        const { status } = await fetch(url, { headers: { accept: 'text/html' } })
        if (status !== 200) throw new Error(`${path} answers ${status}\n${site.server.output()}`)
      },
      { withinMs: 180_000 },
    )
    for (const device of ['mobile', 'desktop'] as const) results.push(await judge(url, { path, device, port }))
  }
  return results
}

async function judge(
  url: string,
  { path, device, port }: { readonly path: string; readonly device: 'mobile' | 'desktop'; readonly port: number },
): Promise<Judged> {
  const scores = new Map<Category, number[]>(CATEGORIES.map((category) => [category, []]))
  const found = new Set<string>()
  for (let run = 1; run <= runs; run += 1) {
    const { categories, audits } = await visit(url, device, port)
    for (const category of CATEGORIES) {
      const judgement = categories[category]
      if (judgement === undefined || judgement.score === null) throw new Error(`${path}: no score for ${category}`)
      scores.get(category)?.push(Math.round(judgement.score * 100))
      for (const { id, weight } of judgement.auditRefs) {
        const score = audits[id]?.score ?? null
        if (weight > 0 && score !== null && score < 0.9) found.add(id)
      }
    }
    const performance = scores.get('performance')?.at(-1)
    say(`${path} ${device} ${run} of ${runs}: performance ${performance}, load ${(loadavg()[0] ?? 0).toFixed(1)}`)
  }
  const medianOf = (category: Category) => median(scores.get(category) ?? [])
  return {
    path,
    device,
    scores: {
      performance: medianOf('performance'),
      accessibility: medianOf('accessibility'),
      'best-practices': medianOf('best-practices'),
      seo: medianOf('seo'),
    },
    found: [...found],
  }
}

/** One page load under Lighthouse. The browser sometimes fails to record one (NO_NAVSTART): it is tried again. */
async function visit(url: string, device: 'mobile' | 'desktop', port: number) {
  const flags = { port, output: 'json' as const, logLevel: 'error' as const, onlyCategories: [...CATEGORIES] }
  for (let tries = 1; ; tries += 1) {
    const result = await lighthouse(url, flags, device === 'desktop' ? desktopConfig : undefined)
    if (result === undefined) throw new Error(`no result for ${url}`)
    const { runtimeError } = result.lhr
    if (runtimeError === undefined) return result.lhr
    if (tries === VISIT_TRIES) throw new Error(`${url}: ${runtimeError.message}`)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
