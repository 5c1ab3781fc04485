import type { Queryable } from '../platform/database.ts'
import type { Answer, SingleCall } from './batcher.ts'
import { ADMIT_MANY, ADMIT_ONE, type AdmitManyRow, type AdmitOneRow } from './runs.queries.ts'

/** What it takes to admit a run. */
export type AdmitOrder = {
  /** UUIDv7, made by us: after a lost connection the run is looked for under it. */
  readonly runId: string
  /** The payer. */
  readonly accountId: string
  /** Who asks: `key:<id>`, `user:<id>`; idempotency keys are theirs alone. */
  readonly principal: string
  readonly key: string | null
  /** Given with every key. */
  readonly fingerprint: Buffer | null
  readonly agentId: string
  readonly version: number
  readonly creatorAccountId: string
  readonly holdMicro: bigint
  /** Encoded by platform/blob.ts. */
  readonly input: Buffer
  /** The agent's own limit; the deadline lies {@link DEADLINE_GRACE_MS} behind it. */
  readonly timeoutMs: number
  readonly keyTtlMs: number
}

export type Admission =
  | { readonly kind: 'admitted'; readonly createdAt: Date }
  /** The same request came before, under this key (or, after a lost connection, this very run has ended already). */
  | { readonly kind: 'duplicate'; readonly runId: string }
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'insufficient'; readonly availableMicro: bigint }
  | { readonly kind: 'unknown_account' }

/** Between the agent's time limit and the moment the reaper takes a run for lost although its owner lives: fetching
 * code, a cold start twice retried, waiting for a sandbox, and a minute of trying to settle. */
export const DEADLINE_GRACE_MS = 120_000

/** One statement for many orders with distinct keys. */
export async function admitMany(
  db: Queryable,
  ownerId: string,
  orders: readonly AdmitOrder[],
): Promise<Answer<Admission>[]> {
  const rows = await db.query(ADMIT_MANY, parametersOfMany(ownerId, orders))
  const byRun = new Map(rows.map((row) => [row.id, row]))
  return orders.map((order) => admissionOf(byRun.get(order.runId)))
}

export function parametersOfMany(ownerId: string, orders: readonly AdmitOrder[]): unknown[] {
  return [
    ownerId,
    [...new Set(orders.map((o) => o.accountId))],
    orders.map((o) => o.runId),
    orders.map((o) => o.accountId),
    orders.map((o) => o.principal),
    orders.map((o) => o.key),
    orders.map((o) => o.fingerprint),
    orders.map((o) => o.agentId),
    orders.map((o) => o.version),
    orders.map((o) => o.creatorAccountId),
    orders.map((o) => o.holdMicro),
    orders.map((o) => o.input),
    orders.map((o) => o.timeoutMs + DEADLINE_GRACE_MS),
    orders.map((o) => o.keyTtlMs),
  ]
}

/** One statement for one order. */
export async function admitOne(
  db: Queryable,
  ownerId: string,
  order: AdmitOrder,
  call: SingleCall,
): Promise<Answer<Admission>> {
  const [row] = await db.query(ADMIT_ONE, parametersOfOne(ownerId, order, call))
  return admissionOf(row)
}

export function parametersOfOne(ownerId: string, order: AdmitOrder, { lock }: SingleCall): unknown[] {
  return [
    ownerId,
    lock,
    order.runId,
    order.accountId,
    order.principal,
    order.key,
    order.fingerprint,
    order.agentId,
    order.version,
    order.creatorAccountId,
    order.holdMicro,
    order.input,
    order.timeoutMs + DEADLINE_GRACE_MS,
    order.keyTtlMs,
  ]
}

export function admissionOf(row: AdmitManyRow | AdmitOneRow | undefined): Answer<Admission> {
  switch (row?.outcome) {
    case 'admitted':
      return row.created_at === null ? { kind: 'alone' } : done({ kind: 'admitted', createdAt: row.created_at })
    case 'duplicate':
      return row.run_id === null ? { kind: 'alone' } : done({ kind: 'duplicate', runId: row.run_id })
    case 'key_reused':
      return done({ kind: 'key_reused' })
    case 'insufficient':
      return done({ kind: 'insufficient', availableMicro: row.available ?? 0n })
    case 'unknown_account':
      return done({ kind: 'unknown_account' })
    case 'locked':
      return { kind: 'locked' }
    case 'again':
      return { kind: 'again' }
    case 'alone':
    case undefined:
      return { kind: 'alone' }
  }
}

const done = (result: Admission): Answer<Admission> => ({ kind: 'done', result })
