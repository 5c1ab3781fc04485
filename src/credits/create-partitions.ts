import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { COUNT_DEFAULTS, CREATE_PARTITION, MONTHS_AHEAD } from './credits.queries.ts'

const PARTITIONED = ['runs', 'run_events', 'transfers'] as const
const AHEAD_MONTHS = 3

/** Makes the partitions of this month and the next three, where they are missing. A month that has rows in a default
 * partition already cannot get its own (PostgreSQL refuses): that is logged as an alarm, and the other months are made
 * all the same, because each one missing makes it worse.
 * @returns the partitions that stand now, and the rows that fell into a default partition */
export async function createPartitions(deps: {
  readonly db: Queryable
  readonly log: Logger
}): Promise<{ readonly partitions: readonly string[]; readonly strayRows: number }> {
  const { db, log } = deps
  const months = await db.query(MONTHS_AHEAD, [AHEAD_MONTHS])
  const partitions: string[] = []
  for (const parent of PARTITIONED) {
    for (const { month } of months) {
      try {
        const [row] = await db.query(CREATE_PARTITION, [parent, month])
        if (row !== undefined) partitions.push(row.name)
      } catch (error) {
        log.error({ err: error, parent, month }, 'partition was not created')
      }
    }
  }
  const [strays] = await db.query(COUNT_DEFAULTS)
  const strayRows = Number((strays?.runs ?? 0n) + (strays?.run_events ?? 0n) + (strays?.transfers ?? 0n))
  if (strayRows > 0) log.error({ strayRows }, 'rows fell into a default partition')
  return { partitions, strayRows }
}
