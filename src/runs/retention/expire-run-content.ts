import type { Logger } from '../../platform/logger.ts'
import { findRun } from '../find-run.ts'
import { takeContentAway, type DeleteContentDeps } from './delete-run-content.ts'
import {
  ANY_LEFT_IN_SLICE,
  DELETE_ARTIFACT,
  DROP_EVENTS_MONTH,
  EXPIRE_SLICE,
  FIND_DUE_RETENTIONS,
  FIND_EXPIRED_ARTIFACTS,
  FIND_PAST_PARTITIONS,
  FORGET_RETENTION,
  LOOK_AGAIN,
  MOVE_MARK,
  READ_MARK,
  REWRITE_RUNS_MONTH,
} from './retention.queries.ts'

export type ExpireDeps = DeleteContentDeps & { readonly log: Logger }

export type Expired = {
  /** Runs whose content went by a wish of their caller or agent, and by the site's rule. */
  readonly wished: number
  readonly aged: number
  readonly artifacts: number
  /** Months of events dropped, and of runs written anew without what was taken away. */
  readonly months: number
}

const AT_ONCE = 500
const SLICE_MS = 3_600_000
/** A month of a busy site takes minutes to be written anew. */
const REWRITE_TIMEOUT_MS = 1_800_000

/** Takes away what is past its time, in small statements that run beside everything else; can stop and go on anywhere.
 * @param options.nowMs milliseconds since 1970   @param options.contentDays the site's rule */
export async function expireRunContent(
  deps: ExpireDeps,
  options: { readonly nowMs: number; readonly contentDays: number },
  signal: AbortSignal,
): Promise<Expired> {
  const wished = await expireWished(deps, signal)
  const aged = await expireAged(deps, new Date(options.nowMs - options.contentDays * 86_400_000), signal)
  const artifacts = await expireArtifacts(deps, signal)
  const months = signal.aborted ? 0 : await giveMonthsBack(deps, signal)
  return { wished, aged, artifacts, months }
}

async function expireWished(deps: ExpireDeps, signal: AbortSignal): Promise<number> {
  let wished = 0
  for (let found = AT_ONCE; found === AT_ONCE && !signal.aborted;) {
    const due = await deps.db.query(FIND_DUE_RETENTIONS, [AT_ONCE])
    found = due.length
    for (const { account_id: accountId, run_id: runId, isOver, dueInMs } of due) {
      if (signal.aborted) break
      // Never admitted: there is nothing to take away.
      if (isOver === null) await deps.db.execute(FORGET_RETENTION, [accountId, runId])
      else if (!isOver || dueInMs === null) await deps.db.execute(LOOK_AGAIN, [accountId, runId, 0])
      else if (dueInMs > 0) await deps.db.execute(LOOK_AGAIN, [accountId, runId, dueInMs])
      else {
        const row = await findRun(deps, accountId, runId)
        await takeContentAway(deps, { accountId, runId, input: row?.input ?? null })
        wished++
      }
    }
  }
  return wished
}

/** Hour by hour up to the cutoff. The mark moves only while every hour is empty of content, so a crash goes on where it
 * was, and a row that somebody held meanwhile is met by the next call. */
async function expireAged(deps: ExpireDeps, cutoff: Date, signal: AbortSignal): Promise<number> {
  const [mark] = await deps.db.query(READ_MARK)
  let aged = 0
  let isEmpty = true
  for (let from = mark?.upTo ?? cutoff; from < cutoff && !signal.aborted;) {
    const to = new Date(Math.min(from.getTime() + SLICE_MS, cutoff.getTime()))
    for (let deleted = AT_ONCE; deleted === AT_ONCE && !signal.aborted; aged += deleted) {
      const rows = await deps.db.query(EXPIRE_SLICE, [from, to, AT_ONCE])
      deleted = Number(rows[0]?.runs ?? 0n)
    }
    if (signal.aborted) break
    isEmpty &&= (await deps.db.query(ANY_LEFT_IN_SLICE, [from, to])).length === 0
    if (isEmpty) await deps.db.execute(MOVE_MARK, [to])
    from = to
  }
  return aged
}

async function expireArtifacts(deps: ExpireDeps, signal: AbortSignal): Promise<number> {
  let artifacts = 0
  for (let found = AT_ONCE; found === AT_ONCE && !signal.aborted;) {
    const expired = await deps.db.query(FIND_EXPIRED_ARTIFACTS, [AT_ONCE])
    found = expired.length
    for (const { account_id: accountId, id, objectKey } of expired) {
      if (signal.aborted) break
      await deps.store.delete(objectKey)
      artifacts += await deps.db.execute(DELETE_ARTIFACT, [accountId, id])
    }
  }
  return artifacts
}

/** Deleting gives room back to PostgreSQL, not to the disk: whole months do. */
async function giveMonthsBack({ db, log }: ExpireDeps, signal: AbortSignal): Promise<number> {
  const [mark] = await db.query(READ_MARK)
  if (mark === undefined) return 0
  let months = 0
  for (const { name, bytes } of await db.query(FIND_PAST_PARTITIONS, ['run_events', mark.upTo])) {
    await db.query(DROP_EVENTS_MONTH, [name])
    log.info({ partition: name, bytes: Number(bytes) }, 'a past month of run events was dropped')
    months++
  }
  for (const { name, bytes } of await db.query(FIND_PAST_PARTITIONS, ['runs', mark.upTo])) {
    if (signal.aborted) break
    const isRewritten = await db.transaction(async ({ client }) => {
      await client.query(`set local statement_timeout = ${REWRITE_TIMEOUT_MS}`)
      const { text } = REWRITE_RUNS_MONTH
      const config = { text, values: [name], query_timeout: REWRITE_TIMEOUT_MS }
      const { rows } = await client.query<{ rewritten: boolean }>(config)
      return rows[0]?.rewritten === true
    })
    if (!isRewritten) continue
    log.info({ partition: name, bytes: Number(bytes) }, 'a past month of runs was written anew')
    months++
  }
  return months
}
