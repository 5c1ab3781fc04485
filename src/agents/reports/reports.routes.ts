import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { idText, pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import type { Database } from '../../platform/database.ts'
import { closeReport, listReports, presentReport, reportAgent } from './reports.ts'
import { closeOrder, reportCursor, reportOrder, reportView } from './reports.schema.ts'

const listQuery = pageQuery.extend({
  open: z.stringbool().default(true).describe('Only those that are not closed'),
})

/** What people report of agents, and what the operator makes of it. */
export const reportsRoutes =
  (deps: { readonly db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/api/agents/:id/reports',
      {
        config: { permission: 'session' },
        schema: {
          tags: ['agents'],
          summary: 'Report an agent to the operator',
          description: 'Told again, it is the same report with the new words.',
          params: z.object({ id: idText }),
          body: reportOrder,
          response: { 201: z.object({ id: z.uuid() }) },
        },
      },
      async (req, reply) => {
        const id = await reportAgent(deps, req.principal, req.params.id, req.body, originOf(req))
        return reply.code(201).send({ id })
      },
    )
    app.get(
      '/api/reports',
      {
        config: { permission: 'admin' },
        schema: {
          tags: ['agents'],
          summary: 'List what people reported of agents, newest first',
          querystring: listQuery,
          response: { 200: pageOf(reportView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, reportCursor, reportView)
        const rows = await listReports(deps, req.principal, page, req.query.open)
        return presentPage(page, rows, presentReport, ({ id }) => ({ id }))
      },
    )
    app.post(
      '/api/reports/:id/close',
      {
        config: { permission: 'admin' },
        schema: {
          tags: ['agents'],
          summary: 'Close a report',
          params: z.object({ id: z.uuid() }),
          body: closeOrder,
          response: { 204: z.void().describe('It is closed') },
        },
      },
      async (req, reply) => {
        await closeReport(deps, req.principal, req.params.id, req.body.note, originOf(req))
        return reply.code(204).send()
      },
    )
  }

const originOf = (req: FastifyRequest) => ({ requestId: req.id, address: req.ip })
