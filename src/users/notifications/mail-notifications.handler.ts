import type { JobHandler } from '../../jobs/index.ts'
import { sendMailJob, type UsersJobDeps } from '../users.jobs.ts'
import { TAKE_DUE_MAILS } from './notifications.queries.ts'

const AT_ONCE = 500

/** Orders the mails of what nobody has read in the meantime. The mark goes and the order comes in one transaction. */
export const handle: JobHandler<UsersJobDeps, Record<string, never>> = async ({ db }, _payload, { jobs, signal }) => {
  for (let taken = AT_ONCE; taken === AT_ONCE && !signal.aborted;)
    taken = await db.transaction(async (tx) => {
      const due = await tx.query(TAKE_DUE_MAILS, [AT_ONCE])
      for (const { id } of due) await sendMailJob.enqueue({ jobs, tx }, { kind: 'notification', notificationId: id })
      return due.length
    })
}
