import type pg from 'pg'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { EndedRequest } from '../http/index.ts'
import type { SandboxReport } from '../sandbox/index.ts'

export type EndedRun = {
  readonly outcome: 'succeeded' | 'failed' | 'timed_out' | 'canceled'
  readonly startedCold: boolean
  readonly waitMs: number
  readonly runMs: number
}

export type MetricsDeps = {
  readonly sandbox: { report(): SandboxReport }
  /** By the pool's name, a constant. */
  readonly pools: Readonly<Record<string, pg.Pool>>
}

export type Metrics = {
  observeRequest(ended: EndedRequest): void
  observeRun(ended: EndedRun): void
  /** Everything in Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
}

/** How often a timer asks how late the event loop is; the lags it tells hold this interval. Every 10 ms, as it would be by
 * itself, is two thirds of what wakes a server that idles, and a third of a wake-up for each run of a single caller. */
const LAG_EVERY_MS = 50
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** The process's metrics. Labels are closed sets (routes are patterns, statuses classes): never an id or a stranger's
 * word, which would make a new series each. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS })
  const requests = new Histogram({
    name: 'bureau_http_request_duration_seconds',
    help: 'Requests from their head to the end of their answer',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers,
  })
  const runs = new Counter({ name: 'bureau_runs_total', help: 'Settled runs', labelNames: ['outcome'], registers })
  const runSeconds = new Histogram({
    name: 'bureau_run_duration_seconds',
    help: "The agent's own time in a run",
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers,
  })
  const waitSeconds = new Histogram({
    name: 'bureau_run_wait_seconds',
    help: 'From admission until the agent starts',
    labelNames: ['start'],
    buckets: SECONDS,
    registers,
  })
  gaugeSandbox(deps.sandbox, registers)
  gaugeBlanks(deps.sandbox, registers)
  gaugePools(deps.pools, registers)
  return {
    observeRequest(ended) {
      requests.observe({ route: ended.route, status: `${Math.floor(ended.status / 100)}xx` }, ended.tookMs / 1000)
    },
    observeRun(ended) {
      runs.inc({ outcome: ended.outcome })
      runSeconds.observe({ outcome: ended.outcome }, ended.runMs / 1000)
      waitSeconds.observe({ start: ended.startedCold ? 'cold' : 'warm' }, ended.waitMs / 1000)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** Read when somebody scrapes, so that the pool itself pays nothing. */
function gaugeSandbox(sandbox: MetricsDeps['sandbox'], registers: Registry[]): void {
  const instances = new Gauge({
    name: 'bureau_sandbox_instances',
    help: 'Sandbox instances by what they do',
    labelNames: ['state'],
    registers,
    collect() {
      const report = sandbox.report()
      for (const state of ['blanks', 'warm', 'booting', 'running'] as const) instances.set({ state }, report[state])
    },
  })
  const slots = new Gauge({
    name: 'bureau_sandbox_slots',
    help: 'Places for runs, and runs that wait for one',
    labelNames: ['state'],
    registers,
    collect() {
      const report = sandbox.report()
      slots.set({ state: 'taken' }, report.slots.taken)
      slots.set({ state: 'total' }, report.slots.total)
      slots.set({ state: 'waiting' }, report.waiting)
    },
  })
  const memory = new Gauge({
    name: 'bureau_sandbox_memory_bytes',
    help: 'Memory promised to instances, and the most that may be',
    labelNames: ['state'],
    registers,
    collect() {
      const report = sandbox.report()
      memory.set({ state: 'promised' }, report.memory.promisedMb * 1_048_576)
      memory.set({ state: 'budget' }, report.memory.budgetMb * 1_048_576)
    },
  })
}

function gaugeBlanks(sandbox: MetricsDeps['sandbox'], registers: Registry[]): void {
  const wanted = new Gauge({
    name: 'bureau_sandbox_blanks_wanted',
    help: 'Sandboxes that should stand ready, by the busiest minute of the last hour',
    registers,
    collect() {
      wanted.set(sandbox.report().blanksWanted)
    },
  })
}

function gaugePools(pools: MetricsDeps['pools'], registers: Registry[]): void {
  const connections = new Gauge({
    name: 'bureau_database_connections',
    help: 'Connections to PostgreSQL, and queries that wait for one',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools)) {
        connections.set({ pool, state: 'busy' }, totalCount - idleCount)
        connections.set({ pool, state: 'idle' }, idleCount)
        connections.set({ pool, state: 'waiting' }, waitingCount)
      }
    },
  })
}
