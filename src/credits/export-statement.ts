import type { Queryable } from '../platform/database.ts'
import { csvLine } from '../platform/csv.ts'
import type { Principal } from '../users/index.ts'
import { listTransfers, presentTransfer } from './list-transfers.ts'

/** One answer, made in memory: about 1 MB. */
export const MAX_STATEMENT_LINES = 10_000

/** The statement for a spreadsheet, newest first. Amounts are never negative: the direction says which way.
 * @throws EnhancedAppError FORBIDDEN */
export async function exportStatement(
  deps: { readonly db: Queryable },
  principal: Principal,
  since: Date | null,
): Promise<string> {
  const rows = await listTransfers(deps, principal, { after: null, take: MAX_STATEMENT_LINES }, since)
  const lines = rows.map((row) => {
    const { at, type, direction, amount, agent, runId, from, to, operationId } = presentTransfer(row)
    return csvLine([at, type, direction, amount, agent?.name ?? null, runId, from, to, operationId])
  })
  return csvLine(['at', 'type', 'direction', 'credits', 'agent', 'run', 'from', 'to', 'operation']) + lines.join('')
}
