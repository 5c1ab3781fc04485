import type { Queryable } from '../platform/database.ts'
import type { Answer, SingleCall } from './batcher.ts'
import { SETTLE_MANY, SETTLE_ONE, type SettleOneRow } from './runs.queries.ts'
import type { ChargeLine } from './runs.schema.ts'

/** How a run ended. */
export type SettleOrder = {
  readonly runId: string
  /** The payer. */
  readonly accountId: string
  readonly status: 'succeeded' | 'failed' | 'timed_out' | 'canceled'
  readonly code: string | null
  /** Blobs, encoded by platform/blob.ts. */
  readonly failure: Buffer | null
  readonly output: Buffer | null
  readonly logs: Buffer | null
  /** 0 unless succeeded or canceled (a constraint holds it); at most the hold is captured, the rest is released. */
  readonly chargeMicro: bigint
  /** The creator's part of every 10 000. Who the creator is, and whether they are the payer, stands in the run's row. */
  readonly creatorShare: number
  /** The receipt's lines. */
  readonly events: readonly ChargeLine[] | null
  readonly startedCold: boolean
  readonly waitMs: number
  readonly runMs: number
}

export type Settlement =
  | {
      readonly kind: 'settled'
      readonly chargeMicro: bigint
      readonly creatorMicro: bigint
      readonly finishedAt: Date
    }
  /** Somebody else was first, the reaper for one: what stands in the row is the truth. */
  | { readonly kind: 'already_settled' }

/** One statement for many orders. */
export async function settleMany(
  db: Queryable,
  ownerId: string,
  orders: readonly SettleOrder[],
): Promise<Answer<Settlement>[]> {
  const rows = await db.query(SETTLE_MANY, [
    ownerId,
    [...new Set(orders.map((o) => o.accountId))],
    orders.map((o) => o.runId),
    orders.map((o) => o.accountId),
    orders.map((o) => o.status),
    orders.map((o) => o.code),
    orders.map((o) => o.failure),
    orders.map((o) => o.output),
    orders.map((o) => o.logs),
    orders.map((o) => o.chargeMicro),
    orders.map((o) => o.creatorShare),
    orders.map((o) => eventsOf(o)),
    orders.map((o) => o.startedCold),
    orders.map((o) => o.waitMs),
    orders.map((o) => o.runMs),
  ])
  const byRun = new Map(rows.map((row) => [row.id, row]))
  return orders.map((order) => answerOf(order, byRun.get(order.runId), false))
}

/** One statement for one order. */
export async function settleOne(
  db: Queryable,
  ownerId: string,
  order: SettleOrder,
  { lock, isUncertain }: SingleCall,
): Promise<Answer<Settlement>> {
  const [row] = await db.query(SETTLE_ONE, [
    ownerId,
    lock,
    order.runId,
    order.accountId,
    order.status,
    order.code,
    order.failure,
    order.output,
    order.logs,
    order.chargeMicro,
    order.creatorShare,
    eventsOf(order),
    order.startedCold,
    order.waitMs,
    order.runMs,
  ])
  return answerOf(order, row, isUncertain)
}

const eventsOf = (order: SettleOrder): string | null => (order.events === null ? null : JSON.stringify(order.events))

function answerOf(order: SettleOrder, row: SettleOneRow | undefined, isUncertain: boolean): Answer<Settlement> {
  switch (row?.outcome) {
    case 'settled':
      return settled(row)
    case 'already_settled':
      // The connection of an earlier try was lost: what stands may be that very try. The reaper writes other codes.
      if (isUncertain && row.status === order.status && row.code === order.code) return settled(row)
      return { kind: 'done', result: { kind: 'already_settled' } }
    case 'unknown_run':
      // Admitted runs do not go away; answered all the same, because asking again would not bring it back.
      return { kind: 'done', result: { kind: 'already_settled' } }
    case 'locked':
      return { kind: 'locked' }
    case undefined:
      return { kind: 'alone' }
  }
}

function settled(row: SettleOneRow): Answer<Settlement> {
  if (row.charge === null || row.creator === null || row.finished_at === null) return { kind: 'alone' }
  const result = {
    kind: 'settled',
    chargeMicro: row.charge,
    creatorMicro: row.creator,
    finishedAt: row.finished_at,
  } as const
  return { kind: 'done', result }
}
