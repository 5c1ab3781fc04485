import type { Queryable } from '../platform/database.ts'
import { TELL } from './realtime.queries.ts'
import type { Announcement } from './realtime.schema.ts'

/** Stores events for whoever listens, in the order given. Inside a transaction they exist only if it commits; then it
 * holds the rooms until its end, so it should come last. */
export async function tellRooms(tx: Queryable, announcements: readonly Announcement[]): Promise<void> {
  if (announcements.length === 0) return
  await tx.query(TELL, [
    announcements.map((one) => one.room),
    announcements.map((one) => one.type),
    announcements.map((one) => JSON.stringify(one.data)),
  ])
}
