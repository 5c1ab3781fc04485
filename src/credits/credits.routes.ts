import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { formatCredits } from './credits.ts'
import { balanceView, transferCursor, transferView, type BalanceView } from './credits.schema.ts'
import { getOwnBalance, type Balance } from './get-balance.ts'
import { listTransfers, presentTransfer } from './list-transfers.ts'

export type CreditsDeps = { readonly db: Database }

/** What the caller's account has, and its statement. */
export const creditsRoutes =
  (deps: CreditsDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/credits',
      {
        config: { permission: 'credits.read' },
        schema: { tags: ['credits'], summary: 'Get the balance', response: { 200: balanceView } },
      },
      async (req) => presentBalance(await getOwnBalance(deps, req.principal)),
    )
    app.get(
      '/api/credits/transfers',
      {
        config: { permission: 'credits.read' },
        schema: {
          tags: ['credits'],
          summary: 'List transfers, newest first',
          querystring: pageQuery,
          response: { 200: pageOf(transferView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, transferCursor, transferView)
        const rows = await listTransfers(deps, req.principal, page)
        return presentPage(page, rows, presentTransfer, (row) => [row.operation_id, row.leg])
      },
    )
  }

const presentBalance = (balance: Balance): BalanceView => ({
  available: formatCredits(balance.availableMicro),
  granted: formatCredits(balance.grantedMicro),
  bought: formatCredits(balance.boughtMicro),
  held: formatCredits(balance.heldMicro),
  earned: formatCredits(balance.earnedMicro),
  earnedGranted: formatCredits(balance.earnedGrantedMicro),
})
