import { creditsOf, microOf } from './credits.ts'
import type { Receipt } from './price-words.ts'
import { isRecord, textOr } from './is-record.ts'
import { logOf, type LogEntry } from './log-entry.ts'
import { isOver, type RunStatus, type Waiting } from './run-words.ts'

export type Artifact = {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  readonly url: string
  readonly isPaid: boolean
  /** When it goes; null where that is not known yet. */
  readonly expiresAt: string | null
}
export type CanceledBy = {
  readonly kind: 'person' | 'key' | 'guest'
  readonly isYou: boolean
  readonly name: string | null
}
export type Progress = { readonly fraction: number; readonly message: string | null }

/** A run as its page holds it: what the API says of it, and what came by its stream since. */
export type LiveRun = {
  readonly runId: string
  readonly agentId: string
  readonly version: number | null
  readonly status: RunStatus
  readonly code: string | null
  readonly waiting: Waiting | null
  readonly progress: Progress | null
  readonly receipt: Receipt
  readonly charged: string
  readonly cancelable: boolean
  /** Who stopped it; null where nobody did, and where that is not known (yet). */
  readonly canceledBy: CanceledBy | null
  readonly artifacts: readonly Artifact[]
  readonly chunks: readonly unknown[]
  readonly logs: readonly LogEntry[]
  readonly startedAtMs: number | null
  readonly createdAtMs: number
  readonly runMs: number | null
  readonly waitMs: number | null
  readonly keptUntil: string | null
  readonly output: unknown
  readonly hasOutput: boolean
  readonly failure: { readonly message: string; readonly issues: readonly { path: string; message: string }[] } | null
  /** The last event that was seen: the stream goes on behind it. */
  readonly lastSeq: number
}

const NOTHING: Receipt = { held: '0', charged: '0', returned: '0', lines: [], paidBy: 'account' }

/** A run that was just admitted. */
export function admittedRun(facts: {
  readonly runId: string
  readonly agentId: string
  readonly version: number | null
  readonly status: RunStatus
  readonly waiting: Waiting | null
  readonly nowMs: number
}): LiveRun {
  return {
    runId: facts.runId,
    agentId: facts.agentId,
    version: facts.version,
    status: facts.status,
    waiting: facts.waiting,
    code: null,
    progress: null,
    receipt: NOTHING,
    charged: '0',
    cancelable: true,
    canceledBy: null,
    artifacts: [],
    chunks: [],
    logs: [],
    startedAtMs: facts.status === 'running' ? facts.nowMs : null,
    createdAtMs: facts.nowMs,
    runMs: null,
    waitMs: null,
    keptUntil: null,
    output: undefined,
    hasOutput: false,
    failure: null,
    lastSeq: 0,
  }
}

/** The run with what `GET /api/runs/:id`, or the event `run.settled`, says of it. */
export function withView(run: LiveRun, view: unknown): LiveRun {
  if (!isRecord(view)) return run
  const status = statusOf(view['status']) ?? statusOf(view['runStatus']) ?? run.status
  const createdAtMs = timeOf(view['createdAt']) ?? run.createdAtMs
  const receipt = receiptOf(view['receipt']) ?? run.receipt
  const waitMs = numberOf(view['waitMs']) ?? run.waitMs
  const startedAtMs = status === 'queued' ? null : (run.startedAtMs ?? createdAtMs + (waitMs ?? 0))
  const hasOutput = 'output' in view && status === 'succeeded'
  return {
    ...run,
    agentId: textOf(view['agentId']) ?? run.agentId,
    version: numberOf(view['version']) ?? run.version,
    status,
    code: textOf(view['code']),
    waiting: status === 'queued' ? (waitingOf(view['waiting']) ?? run.waiting) : null,
    progress: isOver(status) ? null : (progressOf(view['progress']) ?? run.progress),
    receipt,
    charged: isOver(status) ? receipt.charged : larger(run.charged, receipt.charged),
    cancelable: view['cancelable'] === undefined ? !isOver(status) : view['cancelable'] === true,
    canceledBy: canceledByOf(view['canceledBy']) ?? run.canceledBy,
    artifacts: Array.isArray(view['artifacts']) ? view['artifacts'].flatMap(artifactOf) : run.artifacts,
    startedAtMs,
    createdAtMs,
    runMs: numberOf(view['runMs']) ?? run.runMs,
    waitMs,
    keptUntil: isRecord(view['retention']) ? textOf(view['retention']['until']) : run.keptUntil,
    output: hasOutput ? view['output'] : run.output,
    hasOutput: hasOutput || run.hasOutput,
    failure: failureOf(view['failure']) ?? run.failure,
  }
}

/** The run with what its admission does not say: how much was set aside, and its version. What happened since stays. */
export function withHold(run: LiveRun, view: unknown): LiveRun {
  if (!isRecord(view) || isOver(run.status)) return run
  return {
    ...run,
    receipt: receiptOf(view['receipt']) ?? run.receipt,
    version: numberOf(view['version']) ?? run.version,
  }
}

const MOST_LOGS = 200_000

/** The run after some events of its stream, in order. Events that were seen already change nothing, so that a stream
 * that is taken up again may repeat some. */
export function withEvents(
  run: LiveRun,
  events: readonly { readonly name: string; readonly data: Readonly<Record<string, unknown>> }[],
  nowMs: number,
): LiveRun {
  let next = run
  const logs: LogEntry[] = []
  const chunks: unknown[] = []
  for (const { name, data } of events) {
    const seq = numberOf(data['seq'])
    // Why it waits is true now and has no number of its own: it comes with that of the event before.
    if (seq !== null && seq < next.lastSeq + (name === 'run.waiting' ? 0 : 1)) continue
    if (seq !== null) next = { ...next, lastSeq: seq }
    if (name === 'run.log') logs.push(...logOf(data))
    else if (name === 'run.chunk') chunks.push(data['data'])
    else next = withEvent(next, name, data, nowMs)
  }
  if (logs.length > 0) next = { ...next, logs: [...next.logs, ...logs].slice(-MOST_LOGS) }
  if (chunks.length > 0) next = { ...next, chunks: [...next.chunks, ...chunks] }
  return next
}

function withEvent(run: LiveRun, name: string, data: Readonly<Record<string, unknown>>, nowMs: number): LiveRun {
  if (isOver(run.status) && name !== 'run.settled') return run
  switch (name) {
    case 'run.queued':
    case 'run.waiting':
      return { ...run, status: 'queued', waiting: waitingOf(data['waiting']) ?? waitingOf(data) ?? run.waiting }
    case 'run.started':
      return { ...run, status: 'running', waiting: null, startedAtMs: timeOf(data['at']) ?? nowMs }
    case 'run.progress':
      return { ...run, status: 'running', progress: progressOf(data) ?? run.progress }
    case 'run.charged':
      return { ...run, charged: textOf(data['charged']) ?? run.charged }
    case 'run.artifact': {
      const artifact = artifactOf({
        ...data,
        url: `/api/runs/${run.runId}/artifacts/${encodeURIComponent(textOr(data['name'], ''))}`,
      })
      return { ...run, artifacts: [...run.artifacts.filter((each) => each.name !== artifact[0]?.name), ...artifact] }
    }
    case 'run.settled':
      return withView(run, data['run'] ?? data)
    default:
      return run // an event of a newer server
  }
}

const STATUSES: Readonly<Record<string, RunStatus>> = {
  queued: 'queued',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  timed_out: 'timed_out',
  canceled: 'canceled',
}

const statusOf = (value: unknown): RunStatus | null => (typeof value === 'string' ? (STATUSES[value] ?? null) : null)
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const larger = (a: string, b: string): string => creditsOf(microOf(a) > microOf(b) ? microOf(a) : microOf(b))

function timeOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : numberOf(value)
  return ms === null || Number.isNaN(ms) ? null : ms
}

function waitingOf(value: unknown): Waiting | null {
  if (!isRecord(value)) return null
  const { reason, place, estimateMs } = value
  if (reason !== 'caller_limit' && reason !== 'capacity') return null
  return { reason, place: numberOf(place) ?? 1, estimateMs: numberOf(estimateMs) }
}

function progressOf(value: unknown): Progress | null {
  if (!isRecord(value)) return null
  const fraction = numberOf(value['fraction'])
  return fraction === null ? null : { fraction: Math.min(1, Math.max(0, fraction)), message: textOf(value['message']) }
}

function artifactOf(value: unknown): Artifact[] {
  if (!isRecord(value)) return []
  const name = textOf(value['name'])
  if (name === null) return []
  return [
    {
      name,
      type: textOf(value['type']) ?? 'application/octet-stream',
      sizeBytes: numberOf(value['sizeBytes']) ?? 0,
      url: textOf(value['url']) ?? '',
      isPaid: value['isPaid'] === true,
      expiresAt: textOf(value['expiresAt']),
    },
  ]
}

function canceledByOf(value: unknown): CanceledBy | null {
  if (!isRecord(value)) return null
  const { kind, isYou, name } = value
  if (kind !== 'person' && kind !== 'key' && kind !== 'guest') return null
  return { kind, isYou: isYou === true, name: textOf(name) }
}

function receiptOf(value: unknown): Receipt | null {
  if (!isRecord(value)) return null
  const lines = Array.isArray(value['lines']) ? value['lines'] : []
  return {
    held: textOf(value['held']) ?? '0',
    charged: textOf(value['charged']) ?? '0',
    returned: textOf(value['returned']) ?? '0',
    paidBy: value['paidBy'] === 'site' ? 'site' : 'account',
    lines: lines.flatMap((line: unknown) => {
      if (!isRecord(line)) return []
      return [
        {
          what: textOf(line['what']) ?? '',
          count: numberOf(line['count']) ?? 1,
          credits: textOf(line['credits']) ?? '0',
        },
      ]
    }),
  }
}

function failureOf(value: unknown): LiveRun['failure'] {
  if (!isRecord(value)) return null
  const issues = Array.isArray(value['issues']) ? value['issues'] : []
  return {
    message: textOf(value['message']) ?? '',
    issues: issues.flatMap((each: unknown) => {
      if (!isRecord(each)) return []
      return [{ path: textOf(each['path']) ?? '/', message: textOf(each['message']) ?? '' }]
    }),
  }
}
