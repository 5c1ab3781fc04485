import type { Queryable } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { creditsErrors } from './credits.errors.ts'
import { POST_CREDITS } from './credits.queries.ts'

export type PostOrder = {
  readonly accountId: string
  /** More than 0. */
  readonly amountMicro: bigint
  /** UUIDv7 under which the same grant or purchase is posted once, however often it is asked for. */
  readonly operationId?: string
}

/** Gives an account credits that it may spend, but nobody may be paid out.
 * SECURITY: checks no permission; the doors are the first start, the operator's commands and jobs.
 * @returns the operation's id @throws CREDITS_ACCOUNT_UNKNOWN, CREDITS_OPERATION_CONFLICT, RangeError */
export const grantCredits = (deps: { readonly db: Queryable }, order: PostOrder): Promise<string> =>
  post(deps, order, { type: 'grant', source: 'grants_issued', kind: 'granted' })

/** Posts credits that were paid for. SECURITY and errors as for {@link grantCredits}; give the payment's operation id. */
export const purchaseCredits = (deps: { readonly db: Queryable }, order: PostOrder): Promise<string> =>
  post(deps, order, { type: 'purchase', source: 'purchases_issued', kind: 'bought' })

async function post(
  { db }: { readonly db: Queryable },
  { accountId, amountMicro, operationId = newUuidV7() }: PostOrder,
  { type, source, kind }: { readonly type: 'grant' | 'purchase'; readonly source: string; readonly kind: string },
): Promise<string> {
  if (amountMicro <= 0n) throw new RangeError(`an amount of ${amountMicro} micro-credits cannot be posted`)
  const [row] = await db.query(POST_CREDITS, [operationId, type, source, accountId, kind, amountMicro])
  switch (row?.outcome) {
    case 'posted':
    case 'repeated':
      return operationId
    case 'conflict':
      throw creditsErrors.CREDITS_OPERATION_CONFLICT({ operationId })
    case 'unknown_account':
      throw creditsErrors.CREDITS_ACCOUNT_UNKNOWN({ accountId })
    case undefined:
      throw new Error('post_credits answered nothing')
  }
}
