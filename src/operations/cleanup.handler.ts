import type { JobHandler } from '../jobs/index.ts'
import { statement } from '../platform/database.ts'
import { DELETE_OLD_TRIALS, expireRunContent, removeLeftParts } from '../runs/index.ts'
import { DELETE_OLD_EVENTS, DELETE_UNWANTED_ROOMS } from '../realtime/index.ts'
import type { CleanupDeps } from './operations.jobs.ts'

const AT_ONCE = 5_000
/** Beside today: how often a network had a trial is known for no longer. */
const TRIAL_DAYS = 1

/** Index: idempotency_keys_expires_at_idx. In pieces, so that no statement holds many rows for long. */
const DELETE_EXPIRED_KEYS = statement(
  'operations.delete_expired_keys',
  `delete from idempotency_keys where ctid = any (array(
     select ctid from idempotency_keys where expires_at < now() order by expires_at limit $1))`,
)

type ExpiredUpload = { readonly account_id: string; readonly id: string; readonly object_key: string }

const FIND_EXPIRED_UPLOADS = statement<ExpiredUpload>(
  'operations.find_expired_uploads',
  'select account_id, id, object_key from uploads where expires_at < now() order by expires_at limit $1',
)
const DELETE_UPLOAD = statement('operations.delete_upload', 'delete from uploads where account_id = $1 and id = $2')

/** Removes what is past its time: idempotency keys, live updates told an hour ago, which network had trials before
 * yesterday, the content of old runs, the files that came with runs, pieces of files that nobody went on with, and what dead
 * processes left half written in the store. The object goes before its row, so that a crash in between leaves a row that
 * the next call finds again, never a file that nothing names. */
export const handle: JobHandler<CleanupDeps, Record<string, never>> = async (
  { db, store, retention },
  _payload,
  { signal, log },
) => {
  let keys = 0
  for (let deleted = AT_ONCE; deleted === AT_ONCE && !signal.aborted; keys += deleted)
    deleted = await db.execute(DELETE_EXPIRED_KEYS, [AT_ONCE])
  let uploads = 0
  for (let found = AT_ONCE; found === AT_ONCE && !signal.aborted;) {
    const expired = await db.query(FIND_EXPIRED_UPLOADS, [AT_ONCE])
    found = expired.length
    for (const upload of expired) {
      signal.throwIfAborted()
      await store.delete(upload.object_key)
      uploads += await db.execute(DELETE_UPLOAD, [upload.account_id, upload.id])
    }
  }
  const parts = await removeLeftParts({ db, store }, signal)
  let events = 0
  for (let deleted = AT_ONCE; deleted === AT_ONCE && !signal.aborted; events += deleted)
    deleted = await db.execute(DELETE_OLD_EVENTS, [AT_ONCE])
  await db.execute(DELETE_UNWANTED_ROOMS)
  await db.execute(DELETE_OLD_TRIALS, [TRIAL_DAYS])
  const now = { nowMs: Date.now(), contentDays: retention.contentDays }
  const runs = await expireRunContent({ db, store, log }, now, signal)
  const leftovers = signal.aborted ? 0 : await store.dropLeftovers()
  log.info({ keys, uploads, parts, events, runs, leftovers }, 'what had expired was removed')
}
