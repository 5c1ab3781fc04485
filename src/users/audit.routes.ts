import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import type { Prisma } from '../platform/prisma.ts'
import { auditCursor, auditView, listAudit, presentAudit } from './list-audit.ts'

/** Who did what in the caller's account. */
export const auditRoutes =
  (deps: { readonly prisma: Prisma }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/audit',
      {
        config: { permission: 'audit.read' },
        schema: {
          tags: ['accounts'],
          summary: 'What was done in the account',
          querystring: pageQuery,
          response: { 200: pageOf(auditView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, auditCursor, auditView)
        return presentPage(page, await listAudit(deps, req.principal, page), presentAudit, (row) => [row.id])
      },
    )
  }
