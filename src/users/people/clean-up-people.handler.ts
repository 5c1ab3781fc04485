import type { JobHandler } from '../../jobs/index.ts'
import { statement } from '../../platform/database.ts'
import type { UsersJobDeps } from '../users.jobs.ts'

const AT_ONCE = 5_000

/** Each keeps what it refuses for a while, so that a late click is told "used" or "too old" and not "unknown". Each in
 * pieces, by an index on its time. */
const REMOVALS = {
  registrations: statement(
    'users.remove_registrations',
    `delete from "Registration" where ctid = any (array(
       select ctid from "Registration" where "expiresAt" < now() - interval '7 days' limit $1))`,
  ),
  resets: statement(
    'users.remove_resets',
    `delete from "PasswordReset" where ctid = any (array(
       select ctid from "PasswordReset" where "expiresAt" < now() - interval '7 days' limit $1))`,
  ),
  sessions: statement(
    'users.remove_sessions',
    `delete from "Session" where ctid = any (array(
       select ctid from "Session" where "expiresAt" < now() - interval '7 days' limit $1))`,
  ),
  invitations: statement(
    'users.remove_invitations',
    `delete from "Invitation" where ctid = any (array(
       select ctid from "Invitation" where "expiresAt" < now() - interval '90 days' limit $1))`,
  ),
  notifications: statement(
    'users.remove_notifications',
    `delete from "Notification" where ctid = any (array(
       select ctid from "Notification" where "createdAt" < now() - interval '90 days' limit $1))`,
  ),
  attempts: statement(
    'users.remove_attempts',
    `delete from "Throttle" where ctid = any (array(
       select ctid from "Throttle" where "updatedAt" < now() - interval '1 day' limit $1))`,
  ),
} as const

/** Removes what has long ended: links, sessions, invitations, counted attempts. */
export const handle: JobHandler<UsersJobDeps, Record<string, never>> = async ({ db }, _payload, { signal, log }) => {
  const removed: Record<string, number> = {}
  for (const [what, removal] of Object.entries(REMOVALS)) {
    let count = 0
    for (let deleted = AT_ONCE; deleted === AT_ONCE && !signal.aborted; count += deleted)
      deleted = await db.execute(removal, [AT_ONCE])
    removed[what] = count
  }
  log.info(removed, 'what had ended was removed')
}
