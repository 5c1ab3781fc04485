/** `npm run bench`: Bureau beside a lower bound, in one run. Usage:
 *   node bench/run.ts [--json FILE] [--rounds N] [--quick]
 * The table goes to standard output, progress to standard error. Exit 0 once every figure stands, whatever the verdicts;
 * `--quick` takes 3 short rounds: enough to see that it works, too few to judge by. */
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { startBenchSite, type BenchSite } from './bureau-site.ts'
import { calibrateLowerBound, createLowerBoundDatabase, type LowerBound } from './calibrate-lower-bound.ts'
import { startPortServer } from './child-process.ts'
import { measureFreshSandboxes } from './fresh-sandbox.ts'
import { encodeRequest } from './load/http-connection.ts'
import { startGenerator, type Generator } from './load/start-generator.ts'
import { measureNoisyNeighbour } from './noisy-neighbour.ts'
import { publishNoise } from './noise-agents.ts'
import { measureOneRunEach } from './one-run-each.ts'
import { readMemory, readRss } from './process-usage.ts'
import { ONE_ACCOUNT, toJson, toText, type BenchResults } from './report.ts'
import { compareSideBySide, type Comparison, type Side } from './side-by-side.ts'
import { aCaller } from '../test/support/callers.ts'

const CONNECTIONS = [1, 8, 32] as const
const ACCOUNTS = 32
/** Cold starts a second that a marketplace on this machine should bear. */
const ONCE_PER_SECOND = 60
/** Never spent: the bench is about runs, not about running out. */
const PLENTY_MICRO = 1_000_000_000_000n

type Plan = {
  readonly rounds: number
  readonly roundMs: number
  readonly warmUpMs: number
  readonly calibrateMs: number
  readonly pacedMs: number
  readonly closedMs: number
  readonly pairs: number
  readonly accountsOnce: number
}

const FULL: Plan = {
  rounds: 15,
  roundMs: 2_000,
  warmUpMs: 5_000,
  calibrateMs: 1_500,
  pacedMs: 40_000,
  closedMs: 9_000,
  pairs: 8,
  accountsOnce: 1_000,
}
const QUICK: Plan = {
  rounds: 3,
  roundMs: 600,
  warmUpMs: 2_500,
  calibrateMs: 300,
  pacedMs: 5_000,
  closedMs: 1_500,
  pairs: 2,
  accountsOnce: 100,
}
/** However slow the machine, it ends. */
const DEADLINE_MS = 30 * 60_000

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
  })
  const base = values.quick ? QUICK : FULL
  const rounds = values.rounds === undefined ? base.rounds : Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 2) throw new RangeError('--rounds takes a whole number from 2 on')
  await using stack = new AsyncDisposableStack()
  const end = (exitCode: number): void => void stack.disposeAsync().finally(() => process.exit(exitCode))
  const deadline = setTimeout(() => {
    progress('not done within 30 minutes: stopped')
    end(1)
  }, DEADLINE_MS)
  stack.defer(() => clearTimeout(deadline))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(130))
  const results = await measureAll(stack, { ...base, rounds })
  process.stdout.write(toText(results))
  if (values.json !== undefined) await writeFile(values.json, toJson(results))
}

async function measureAll(stack: AsyncDisposableStack, plan: Plan): Promise<BenchResults> {
  const startedAt = new Date().toISOString()
  const generator = await startGenerator()
  stack.defer(() => generator.stop())
  const ceiling = await measureCeiling(generator, plan.calibrateMs)
  progress('booting Bureau')
  const site = await startBenchSite()
  stack.defer(() => site.stop())
  const lowerBoundUrl = await createLowerBoundDatabase(site.databaseUrl)
  const lowerBound = await calibrateLowerBound({ generator, progress }, lowerBoundUrl, site.echo.body, {
    connections: CONNECTIONS,
    roundMs: plan.calibrateMs,
  })
  stack.defer(() => lowerBound.stop())
  await openBureauTargets(generator, site)
  const deps = { generator, postgresPid: site.postgresPid, progress }
  const comparisons = await compareSideBySide(deps, manyAccounts(site, lowerBound), plan)
  const tree = readMemory([site.server.pid], [site.postgresPid])
  const memory = {
    serverRssMb: readRss(site.server.pid) / 1e6,
    treePssMb: tree.pssBytes / 1e6,
    sandboxes: tree.processes - 1,
  }
  // Not among the others' rounds: 32 sandboxes of one principal beside 32 of as many are more than the default lets live,
  // and each round would begin with the cold starts that the one before it caused.
  progress('one account')
  comparisons.push(...(await compareSideBySide(deps, oneAccount(site, lowerBound), plan)))
  progress('fresh sandboxes')
  const fresh = await measureFreshSandboxes(generator, FRESH, plan)
  progress('one run each')
  const oneRunEach = await measureOneRunEach(generator, site, {
    accounts: plan.accountsOnce,
    offeredPerSecond: ONCE_PER_SECOND,
  })
  progress('noisy neighbour')
  const neighbour = await startGenerator()
  stack.defer(() => neighbour.stop())
  const noise = await openNoise(neighbour, site)
  const noisy = await measureNoisyNeighbour({ generator, neighbour, progress }, MANY, noise, {
    pairs: plan.pairs,
    roundMs: plan.roundMs * 2,
    settleMs: 500,
  })
  const [cpu] = cpus()
  return {
    machine: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    startedAt,
    plan,
    isolation: site.isolation,
    pools: Object.fromEntries([...lowerBound.best].map(([connections, { poolSize }]) => [connections, poolSize])),
    ceiling,
    comparisons,
    memory,
    fresh,
    oneRunEach,
    noisy,
  }
}

/** What the generator reaches when the server does nothing: far above what it measures, or the figures are its own. */
async function measureCeiling(generator: Generator, roundMs: number): Promise<Record<string, number>> {
  const server = await startPortServer(new URL('./load/fixed-answer-server.ts', import.meta.url))
  try {
    const request = encodeRequest(
      'POST',
      new URL('/run', server.url),
      { 'Content-Type': 'application/json' },
      '{"text":"x"}',
    )
    await generator.open(
      'ceiling',
      server.url,
      Array.from({ length: ACCOUNTS }, () => request),
    )
    const ceiling: Record<string, number> = {}
    for (const connections of CONNECTIONS) {
      await generator.round('ceiling', connections, roundMs / 3)
      const round = await generator.round('ceiling', connections, roundMs)
      ceiling[connections] = (round.answered / round.wallMs) * 1_000
    }
    await generator.close('ceiling')
    return ceiling
  } finally {
    await server.stop()
  }
}

const MANY = 'Bureau, an account a connection'
const ONE = 'Bureau, one account'
const FRESH = 'Bureau, a sandbox a run'

async function openBureauTargets(generator: Generator, site: BenchSite): Promise<void> {
  const callers = []
  for (let n = 1; n <= ACCOUNTS; n += 1) callers.push(await aCaller(site.db, PLENTY_MICRO, `Bench ${n}`))
  const url = new URL(`/api/agents/${site.echo.agentId}/run`, site.server.url)
  const requestOf = (apiKey: string, headers: Readonly<Record<string, string>> = {}): Buffer =>
    encodeRequest(
      'POST',
      url,
      { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json', ...headers },
      site.echo.body,
    )
  const [first] = callers
  if (first === undefined) throw new Error('no caller was made')
  await generator.open(
    MANY,
    site.server.url,
    callers.map(({ apiKey }) => requestOf(apiKey)),
  )
  await generator.open(
    ONE,
    site.server.url,
    callers.map(() => requestOf(first.apiKey)),
  )
  const fresh = callers.slice(0, 8).map(({ apiKey }) => requestOf(apiKey, { 'Bureau-Isolation': 'run' }))
  await generator.open(FRESH, site.server.url, fresh)
}

/** One connection for the agent that spins and one for the memory bomb, each on an account of its own. */
async function openNoise(neighbour: Generator, site: BenchSite): Promise<{ target: string; connections: number }> {
  const agents = await publishNoise(site)
  const requests = []
  for (const agentId of agents) {
    const { apiKey } = await aCaller(site.db, PLENTY_MICRO, 'Noisy')
    const url = new URL(`/api/agents/${agentId}/run`, site.server.url)
    requests.push(
      encodeRequest('POST', url, { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' }, '{}'),
    )
  }
  await neighbour.open('noise', site.server.url, requests)
  return { target: 'noise', connections: requests.length }
}

function manyAccounts(site: BenchSite, lowerBound: LowerBound): Comparison[] {
  return CONNECTIONS.map((connections) => ({
    name: connections === 1 ? '1 account' : `${connections} accounts`,
    connections,
    bound: boundSide(lowerBound, connections),
    bureau: bureauSide(site, MANY),
  }))
}

function oneAccount(site: BenchSite, lowerBound: LowerBound): Comparison[] {
  const [bound, bureau] = [boundSide(lowerBound, ACCOUNTS), bureauSide(site, ONE)]
  return [{ name: ONE_ACCOUNT, connections: ACCOUNTS, bound, bureau }]
}

function boundSide(lowerBound: LowerBound, connections: number): Side {
  const best = lowerBound.best.get(connections)
  if (best === undefined) throw new Error(`the lower bound was not calibrated at ${connections}`)
  return { target: best.target, roots: [best.pid], without: [] }
}

const bureauSide = (site: BenchSite, target: string): Side => ({
  target,
  roots: [site.server.pid],
  without: [site.postgresPid],
})

function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
}

await main()
