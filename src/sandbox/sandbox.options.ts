import { z } from 'zod'
import { isIP } from 'node:net'
import { commaList, option } from '../platform/config.ts'
import { parseHostPattern } from './egress/host-pattern.ts'

const count = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback)

/** Parts of a list separated by commas. */
const listOf = (isPart: (part: string) => boolean, error: string) =>
  commaList.refine((parts) => parts.every(isPart), { error })

const hostList = listOf(
  (part) => parseHostPattern(part) !== null && !part.startsWith('*'),
  'takes hosts, each with a port or without',
)
const serverList = listOf(
  (part) => isIP(part.replace(/^\[?(.+?)\]?(:\d+)?$/, '$1')) !== 0,
  'takes addresses of name servers',
)

/** What an operator may set about sandboxes. */
export const sandboxOptions = {
  blanks: option('BUREAU_SANDBOX_BLANKS', count(2, 0, 64), {
    unit: 'instances',
    why: 'Sandboxes that always stand ready. Each takes about 11 MB; 0 puts the boot on the path of every cold start.',
  }),
  pythonBlanks: option('BUREAU_PYTHON_BLANKS', count(1, 0, 64), {
    unit: 'instances',
    why: 'Python sandboxes that always stand ready, from the first Python agent on. Each takes about 16 MB.',
  }),
  stock: option('BUREAU_SANDBOX_STOCK', z.union([z.literal('auto'), count(0, 0, 4096)]).default('auto'), {
    unit: 'instances',
    why: 'Sandboxes booted ahead in idle moments, beyond those that always stand ready: as many as the busiest minute of the last hour had cold starts, and at most this. auto: at most what 85 % of BUREAU_SANDBOX_MEMORY_MB hold, less where that leaves no room for runs. Runs that need the memory get it.',
  }),
  maxInstances: option('BUREAU_SANDBOX_MAX_INSTANCES', count(64, 1, 4096), {
    unit: 'instances',
    why: 'Most sandboxes in use at once, running and warm together. Those that stand ready come on top.',
  }),
  maxRunning: option('BUREAU_SANDBOX_MAX_RUNNING', count(32, 1, 4096), {
    unit: 'runs',
    why: 'Most runs executing at once; the others wait in turn, fairly between payers.',
  }),
  memoryBudgetMb: option('BUREAU_SANDBOX_MEMORY_MB', count(0, 0, 4_194_304), {
    unit: 'MB',
    why: 'Memory all sandboxes may be promised together; 0 takes half of what the machine has.',
  }),
  queueBound: option('BUREAU_SANDBOX_QUEUE', count(1024, 0, 1_000_000), {
    unit: 'runs',
    why: 'Runs that may wait for a slot; beyond it the answer is 429 with Retry-After, rather than collapse.',
  }),
  queueBoundPerPayer: option('BUREAU_SANDBOX_QUEUE_PER_PAYER', count(256, 1, 1_000_000), {
    unit: 'runs',
    why: 'Runs of one payer that may wait for a slot, so that one cannot fill the whole queue.',
  }),
  warmMs: option('BUREAU_SANDBOX_WARM_MS', count(60_000, 0, 86_400_000), {
    unit: 'ms',
    why: 'How long an idle sandbox is kept for the next run of the same principal and version.',
  }),
  maxRunsPerInstance: option('BUREAU_SANDBOX_MAX_RUNS_PER_INSTANCE', count(10_000, 1, 10_000_000), {
    unit: 'runs',
    why: 'A warm sandbox is replaced after so many runs, so that what an agent leaks does not pile up.',
  }),
  bootTimeoutMs: option('BUREAU_SANDBOX_BOOT_TIMEOUT_MS', count(10_000, 100, 120_000), {
    unit: 'ms',
    why: 'How long a sandbox may take to boot before it counts as failed.',
  }),
  defaultMemoryMb: option('BUREAU_SANDBOX_DEFAULT_MEMORY_MB', count(128, 16, 65_536), {
    unit: 'MB',
    why: 'Memory of a run whose agent names none. Blanks are booted for this size.',
  }),
  maxMemoryMb: option('BUREAU_SANDBOX_MAX_MEMORY_MB', count(1024, 16, 65_536), {
    unit: 'MB',
    why: 'Most memory an agent may ask for.',
  }),
  defaultTimeoutMs: option('BUREAU_SANDBOX_DEFAULT_TIMEOUT_MS', count(10_000, 10, 3_600_000), {
    unit: 'ms',
    why: 'Wall-clock time of a run whose agent names none.',
  }),
  maxTimeoutMs: option('BUREAU_SANDBOX_MAX_TIMEOUT_MS', count(300_000, 10, 86_400_000), {
    unit: 'ms',
    why: 'Most wall-clock time an agent may ask for.',
  }),
  maxCpuMs: option('BUREAU_SANDBOX_MAX_CPU_MS', count(300_000, 10, 86_400_000), {
    unit: 'ms',
    why: 'Most processor time an agent may ask for, over all its threads. One that asks for none has as much as wall-clock time.',
  }),
  maxProcesses: option('BUREAU_SANDBOX_MAX_PROCESSES', count(64, 24, 4096), {
    unit: 'threads',
    why: 'Threads and processes of one sandbox, where control groups can count them. The runtime itself takes about 16.',
  }),
  maxOutputBytes: option('BUREAU_SANDBOX_MAX_OUTPUT_BYTES', count(10_000_000, 1, 1_000_000_000), {
    unit: 'bytes',
    why: 'Largest output of a run; a larger one fails it. An agent may ask for less.',
  }),
  maxLogBytes: option('BUREAU_SANDBOX_MAX_LOG_BYTES', count(262_144, 0, 100_000_000), {
    unit: 'bytes',
    why: 'Log text kept of a run; what is beyond is cut and marked. An agent may ask for less.',
  }),
  maxDepth: option('BUREAU_SANDBOX_MAX_DEPTH', count(64, 1, 1000), {
    unit: 'levels',
    why: 'Deepest nesting of an output. Deeper JSON is a way to exhaust the stack of whoever reads it.',
  }),
  cgroup: option('BUREAU_SANDBOX_CGROUP', z.enum(['auto', 'off']).default('auto'), {
    why: 'auto: memory and process limits by cgroup where it can be written, otherwise RLIMIT_DATA and a watchdog.',
  }),
  driver: option('BUREAU_SANDBOX_DRIVER', z.enum(['auto', 'bubblewrap', 'util-linux', 'deno']).default('auto'), {
    why: 'auto: bubblewrap where it works, otherwise the same walls by util-linux and perl, otherwise Deno alone (isolation grade process).',
  }),
  bubblewrap: option('BUREAU_SANDBOX_BWRAP', z.string().min(1).default('bwrap'), {
    why: 'The bubblewrap program: a name looked up in the usual folders, or a path.',
  }),
  python: option('BUREAU_PYTHON', z.union([z.enum(['auto', 'off']), z.string().startsWith('/')]).default('auto'), {
    why: "CPython for agents in Python, 3.9 or newer: auto takes the system's python3, a path takes that program, off refuses them. Nothing but its standard library is seen by agents.",
  }),
  egress: option('BUREAU_EGRESS', z.enum(['declared', 'off']).default('declared'), {
    why: 'declared: agents reach the public hosts that their manifests name. off: no agent reaches anything.',
  }),
  egressPrivateHosts: option('BUREAU_EGRESS_PRIVATE_HOSTS', hostList, {
    why: 'Hosts that agents may reach although they are not public, such as a model server of yours, separated by commas: localhost:11434, models.internal. An agent has to declare them all the same.',
  }),
  egressDns: option('BUREAU_EGRESS_DNS', serverList, {
    why: 'Name servers for hosts that agents reach, as addresses separated by commas. Default: those of the system.',
  }),
  egressTimeoutMs: option('BUREAU_EGRESS_TIMEOUT_MS', count(120_000, 100, 3_600_000), {
    unit: 'ms',
    why: 'How long one request of an agent may take, from the first redirect to the last byte.',
  }),
  egressIdleMs: option('BUREAU_EGRESS_IDLE_MS', count(60_000, 100, 3_600_000), {
    unit: 'ms',
    why: 'How long a host may say nothing to an agent within its answer.',
  }),
  egressResponseBytes: option('BUREAU_EGRESS_RESPONSE_BYTES', count(52_428_800, 1, 10_737_418_240), {
    unit: 'bytes',
    why: 'Largest answer to one request of an agent, decompressed.',
  }),
  egressRequestBytes: option('BUREAU_EGRESS_REQUEST_BYTES', count(52_428_800, 1, 10_737_418_240), {
    unit: 'bytes',
    why: 'Largest body of one request of an agent.',
  }),
  egressRunBytes: option('BUREAU_EGRESS_RUN_BYTES', count(268_435_456, 1, 107_374_182_400), {
    unit: 'bytes',
    why: 'What one run may send and get over the network together; more ends it. An agent may ask for less.',
  }),
  egressRunRequests: option('BUREAU_EGRESS_RUN_REQUESTS', count(200, 1, 1_000_000), {
    unit: 'requests',
    why: 'Requests of one run, redirects and refused ones among them; more ends it. An agent may ask for less.',
  }),
  allowWeakIsolation: option('BUREAU_ALLOW_WEAK_ISOLATION', z.stringbool().default(false), {
    why: "Runs everybody's agents although the isolation grade is below strong. It stays on the health page.",
  }),
} as const
