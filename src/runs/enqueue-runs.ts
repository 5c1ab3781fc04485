import type { Queryable } from '../platform/database.ts'
import { admissionOf, parametersOfMany, parametersOfOne, type Admission, type AdmitOrder } from './admit-runs.ts'
import type { Answer, SingleCall } from './batcher.ts'
import { ENQUEUE_MANY, ENQUEUE_ONE } from './runs.queries.ts'

/** What it takes to admit a run that is executed later, by whichever process has room. */
export type EnqueueOrder = AdmitOrder & {
  /** A sandbox of its own was asked for. */
  readonly isFresh: boolean
  /** May be executed again when the process that executed it died. */
  readonly isIdempotent: boolean
}

/** One statement for many orders with distinct keys. The batch is admitted and queued in one transaction. */
export async function enqueueMany(
  db: Queryable,
  ownerId: string,
  queueMs: number,
  orders: readonly EnqueueOrder[],
): Promise<Answer<Admission>[]> {
  const rows = await db.query(ENQUEUE_MANY, [
    ...parametersOfMany(ownerId, orders),
    orders.map((o) => o.isFresh),
    orders.map((o) => o.isIdempotent),
    queueMs,
  ])
  const byRun = new Map(rows.map((row) => [row.id, row]))
  return orders.map((order) => admissionOf(byRun.get(order.runId)))
}

/** One statement for one order. */
export async function enqueueOne(
  db: Queryable,
  ownerId: string,
  queueMs: number,
  order: EnqueueOrder,
  call: SingleCall,
): Promise<Answer<Admission>> {
  const [row] = await db.query(ENQUEUE_ONE, [
    ...parametersOfOne(ownerId, order, call),
    order.isFresh,
    order.isIdempotent,
    queueMs,
  ])
  return admissionOf(row)
}
