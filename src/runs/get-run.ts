import { z } from 'zod'
import type { Queryable } from '../platform/database.ts'
import { decodeBlob } from '../platform/blob.ts'
import type { HostRecord } from '../sandbox/index.ts'
import type { Principal } from '../users/index.ts'
import { LAST_PROGRESS } from './events/events.queries.ts'
import { listArtifacts } from './artifacts/get-artifacts.ts'
import { canceledByOf } from './canceled-by.ts'
import { getRunRow } from './get-run-row.ts'
import type { FindWaiting } from './find-waiting.ts'
import { factsOf, failureOf, presentRun } from './present-run.ts'
import { keptUntil } from './retention/retain.ts'
import { FIND_RETENTION } from './retention/retention.queries.ts'
import { listRunEgress } from './run-network.ts'
import type { ArtifactView, CanceledBy, RunFailure, RunRow, RunView, Waiting } from './runs.schema.ts'

export type GetRunDeps = {
  readonly db: Queryable
  readonly waiting: FindWaiting
  readonly retention: { readonly contentDays: number }
}

const DAY_MS = 86_400_000

/** A run with its input and output, as JSON values. */
export type RunDetail = RunView & {
  readonly input: unknown
  readonly output: unknown
  readonly failure: RunFailure | null
  readonly waiting: Waiting | null
  readonly progress: { readonly fraction: number; readonly message: string } | null
  readonly cancelable: boolean
  readonly canceledBy: CanceledBy | null
  readonly artifacts: ArtifactView[]
  readonly retention: { readonly until: string | null; readonly deletedAt: string | null }
  readonly egress: HostRecord[]
}

/** The run of that id, if the caller's account paid for it.
 * @throws RUN_NOT_FOUND also for a run of somebody else: existence is not told */
export async function getRun(deps: GetRunDeps, caller: Principal, runId: string): Promise<RunDetail> {
  const row = await getRunRow(deps, caller, runId)
  const until = await keptUntilOf(deps, row)
  return {
    ...presentRun(factsOf(row)),
    input: jsonOf(row.input),
    output: jsonOf(row.output),
    failure: failureOf(row),
    waiting: await deps.waiting.of(row),
    progress: row.finishedAt === null ? await progressOf(deps.db, row) : null,
    cancelable: row.finishedAt === null && row.cancelAskedAt === null,
    canceledBy: await canceledByOf(deps.db, row, caller),
    artifacts: await listArtifacts(deps.db, row, until),
    retention: { until: until?.toISOString() ?? null, deletedAt: row.contentDeletedAt?.toISOString() ?? null },
    egress: await listRunEgress(deps, row.accountId, row.id),
  }
}

/** Null before the end, and once the content is gone. */
async function keptUntilOf({ db, retention }: GetRunDeps, row: RunRow): Promise<Date | null> {
  if (row.contentDeletedAt !== null || row.finishedAt === null) return null
  const [wish] = await db.query(FIND_RETENTION, [row.accountId, row.id])
  return keptUntil(row.finishedAt, retention.contentDays * DAY_MS, wish === undefined ? null : Number(wish.retainMs))
}

/** What the agent logged, oldest first.
 * @throws RUN_NOT_FOUND as {@link getRun} */
export async function getRunLogs(
  deps: { readonly db: Queryable },
  caller: Principal,
  runId: string,
): Promise<readonly unknown[]> {
  const row = await getRunRow(deps, caller, runId)
  const entries = jsonOf(row.logs)
  return Array.isArray(entries) ? entries : []
}

/** The depth of what is stored was bounded on its raw bytes before it was admitted or accepted from the sandbox. */
function jsonOf(blob: Buffer | null): unknown {
  return blob === null ? null : JSON.parse(decodeBlob(blob).toString('utf8'))
}

const progress = z.object({ fraction: z.number(), message: z.string() })

async function progressOf(db: Queryable, row: RunRow): Promise<z.infer<typeof progress> | null> {
  const [last] = await db.query(LAST_PROGRESS, [row.accountId, row.id])
  return last === undefined ? null : progress.parse(jsonOf(last.data))
}
