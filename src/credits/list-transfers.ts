import type { Page } from '../http/index.ts'
import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { formatCredits } from './credits.ts'
import { LIST_TRANSFERS, type TransferRow } from './credits.queries.ts'
import type { TransferCursor, TransferView } from './credits.schema.ts'

/** Above every UUIDv7. */
const FROM_THE_NEWEST: TransferCursor = ['ffffffff-ffff-ffff-ffff-ffffffffffff', 32_767]

/** A transfer as one account sees it. */
export type Transfer = TransferRow & {
  readonly direction: TransferView['direction']
  /** The account paid or was given it; otherwise it earned it from somebody whose run is theirs. */
  readonly isOwn: boolean
}

/** The statement of the principal's account: what it paid, was given and earned, newest first. Up to `page.take` rows.
 * @throws EnhancedAppError FORBIDDEN */
export async function listTransfers(
  deps: { readonly db: Queryable },
  principal: Principal,
  page: Pick<Page<TransferCursor>, 'after' | 'take'>,
  since: Date | null = null,
): Promise<Transfer[]> {
  authorize(principal, 'credits.read', { ownerAccountId: principal.accountId })
  const [operationId, leg] = page.after ?? FROM_THE_NEWEST
  const rows = await deps.db.query(LIST_TRANSFERS, [principal.accountId, operationId, leg, page.take, since])
  return rows.map((row) => ({
    ...row,
    direction: directionFor(principal.accountId, row),
    isOwn: row.account_id === principal.accountId,
  }))
}

function directionFor(accountId: string, row: TransferRow): TransferView['direction'] {
  if (row.debit_account_id !== accountId) return 'in'
  return row.credit_account_id === accountId ? 'within' : 'out'
}

/** The other side's account is left out: a creator does not learn who ran their agent. */
export function presentTransfer(row: Transfer): TransferView {
  return {
    operationId: row.operation_id,
    leg: row.leg,
    type: row.type,
    direction: row.direction,
    from: row.debit_kind,
    to: row.credit_kind,
    amount: formatCredits(row.amount_micro),
    runId: row.isOwn && row.agent_id !== null ? row.operation_id : null,
    agent: row.agent_id === null ? null : { id: row.agent_id, name: row.agent_name ?? 'An agent that is gone' },
    at: row.created_at.toISOString(),
  }
}
