import { z } from 'zod'
import type { ObjectStore } from '../../files/index.ts'
import { decodeBlob } from '../../platform/blob.ts'
import type { Database } from '../../platform/database.ts'
import { authorize, type Principal } from '../../users/index.ts'
import { getRunRow } from '../get-run-row.ts'
import { runsErrors } from '../runs.errors.ts'
import {
  DELETE_ARTIFACT,
  DELETE_CONTENT,
  DELETE_RUN_EGRESS,
  DELETE_RUN_EVENTS,
  DELETE_UPLOAD_BY_ID,
  FIND_RUN_ARTIFACTS,
  FIND_UPLOADS_BY_ID,
  FORGET_RETENTION,
  type RunObject,
} from './retention.queries.ts'

export type DeleteContentDeps = { readonly db: Database; readonly store: Pick<ObjectStore, 'delete'> }

/** Takes the content of a run away now: input, output, logs, failure, events, artifacts, and the files that came with it.
 * What it cost and how it ended stays. A second time changes nothing.
 * @throws RUN_NOT_FOUND, RUN_NOT_ENDED */
export async function deleteRunContent(deps: DeleteContentDeps, caller: Principal, runId: string): Promise<void> {
  authorize(caller, 'runs.create')
  const row = await getRunRow(deps, caller, runId)
  if (row.finishedAt === null) throw runsErrors.RUN_NOT_ENDED({ runId })
  await takeContentAway(deps, { accountId: caller.accountId, runId, input: row.input })
}

/** SECURITY: asks nobody; the caller has decided whose run this is and that it is over.
 * Objects go before the rows that name them, so that a crash leaves a row that the next attempt finds, never a file that
 * nothing names; the run's own row goes last, because it says that all is done. */
export async function takeContentAway(
  deps: DeleteContentDeps,
  run: { readonly accountId: string; readonly runId: string; readonly input: Buffer | null },
): Promise<void> {
  const { db, store } = deps
  const { accountId, runId } = run
  const remove = async (found: readonly RunObject[], statement: typeof DELETE_ARTIFACT): Promise<void> => {
    for (const { id, objectKey } of found) {
      await store.delete(objectKey)
      await db.execute(statement, [accountId, id])
    }
  }
  await remove(await db.query(FIND_RUN_ARTIFACTS, [accountId, runId]), DELETE_ARTIFACT)
  const sent = run.input === null ? [] : uploadsOf(run.input)
  if (sent.length > 0) await remove(await db.query(FIND_UPLOADS_BY_ID, [accountId, sent]), DELETE_UPLOAD_BY_ID)
  await db.execute(DELETE_RUN_EGRESS, [accountId, runId])
  await db.execute(DELETE_RUN_EVENTS, [accountId, runId])
  await db.execute(DELETE_CONTENT, [accountId, runId])
  await db.execute(FORGET_RETENTION, [accountId, runId])
}

const sentFile = z.object({ $file: z.string(), uploadId: z.uuid(), sentAhead: z.literal(true).optional() })

/** The uploads that came with this very run. Those sent ahead belong to the account and may serve other runs. */
function uploadsOf(input: Buffer): string[] {
  const found: string[] = []
  const open: unknown[] = [JSON.parse(decodeBlob(input).toString('utf8'))]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    const file = sentFile.safeParse(value)
    if (!file.success) open.push(...Object.values(value))
    else if (file.data.sentAhead !== true) found.push(file.data.uploadId)
  }
  return found
}
