import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { exportStatement, MAX_STATEMENT_LINES } from './export-statement.ts'
import { balanceView, transferCursor, transferView } from './credits.schema.ts'
import { findSpend, getOwnBalance, presentBalance } from './get-balance.ts'
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
      async (req) => presentBalance(await getOwnBalance(deps, req.principal), await findSpend(deps, req.principal)),
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
    app.get(
      '/api/credits/statement.csv',
      {
        config: { permission: 'credits.read' },
        schema: {
          tags: ['credits'],
          summary: 'Get the statement as a spreadsheet',
          description: `The newest ${MAX_STATEMENT_LINES} lines at most, as CSV.`,
          querystring: z.object({ from: z.iso.datetime({ offset: true }).optional().describe('Only from then on') }),
          response: { 200: z.string() },
        },
      },
      async (req, reply) => {
        const since = req.query.from === undefined ? null : new Date(req.query.from)
        const csv = await exportStatement(deps, req.principal, since)
        return reply
          .header('content-type', 'text/csv; charset=utf-8; header=present')
          .header('content-disposition', 'attachment; filename="bureau-statement.csv"')
          .serializer((text: unknown) => String(text))
          .send(csv)
      },
    )
  }
