import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { columnText, idText, pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { agentListItem, agentView, creditsText, metricsView, quoteView } from './agents.schema.ts'
import { getAgent, giveConsentTo, presentAgentTo } from './get-agent.ts'
import type { AgentDeps } from './get-runnable-agent.ts'
import { agentCursor, listAgents, presentListedAgent } from './list-agents.ts'
import { listMetrics, metricsCursor, presentMetrics } from './list-metrics.ts'
import { quoteAgent } from './quote-agent.ts'

export type AgentRoutesDeps = { readonly db: Database; readonly agents: AgentDeps }

const params = z.object({ id: idText })
const listQuery = pageQuery.extend({
  q: columnText(100).pipe(z.string().trim().min(1)).optional().describe('Part of a name or description'),
})
const quoteHeaders = z.object({
  'bureau-max-charge': creditsText.optional().describe('Most credits that the run may cost'),
})

/** What there is to run, what it takes and what it costs. */
export const agentsRoutes =
  (deps: AgentRoutesDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/agents',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'List agents, newest first',
          description: 'Public agents, and with a key all of its own account.',
          querystring: listQuery,
          response: { 200: pageOf(agentListItem) },
        },
      },
      async (req) => {
        const page = readPage(req.query, agentCursor, agentListItem)
        const rows = await listAgents(deps, req.maybePrincipal, page, req.query.q)
        return presentPage(page, rows, presentListedAgent, (row) => [row.createdAt, row.id])
      },
    )
    app.get(
      '/api/agents/:id',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'Get an agent',
          description:
            'With the schemas of input and output, its price, and examples whose `input` can be posted as it stands.',
          params,
          response: { 200: agentView },
        },
      },
      async (req) => presentAgentTo(deps, req.maybePrincipal, await getAgent(deps, req.maybePrincipal, req.params.id)),
    )
    app.put(
      '/api/agents/:id/consent',
      {
        config: { permission: 'runs.create' },
        schema: {
          tags: ['agents'],
          summary: 'Agree to what an agent declares',
          description:
            'Its hosts, secrets and prices, as `manifestHash` of the agent names them. By API the first run agrees; ' +
            'after the agent asked for more, this, or the header `Bureau-Consent` of a run, does.',
          params,
          body: z.object({ manifestHash: z.string().max(64) }),
          response: { 204: z.void().describe('Agreed') },
        },
      },
      async (req, reply) => {
        const agent = await getAgent(deps, req.principal, req.params.id)
        const origin = { requestId: req.id, address: req.ip }
        await giveConsentTo(deps, req.principal, agent, req.body.manifestHash, origin)
        return reply.code(204).send()
      },
    )
    app.get(
      '/api/agents/:id/quote',
      {
        config: { permission: 'agents.read' },
        schema: {
          tags: ['agents'],
          summary: 'Get what a run would hold',
          params,
          headers: quoteHeaders,
          response: { 200: quoteView },
        },
      },
      async (req) => quoteAgent(deps, req.principal, req.params.id, req.headers['bureau-max-charge'] ?? null),
    )
    app.get(
      '/api/agents/:id/metrics',
      {
        config: { permission: 'agents.read' },
        schema: {
          tags: ['agents'],
          summary: 'Get how an agent did, by hour',
          description: "For the creator's account. Runs of the creator's own account are not counted.",
          params,
          querystring: pageQuery,
          response: { 200: pageOf(metricsView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, metricsCursor, metricsView)
        const rows = await listMetrics(deps, req.principal, req.params.id, page)
        return presentPage(page, rows, presentMetrics, (row) => [row.timestamp, row.version])
      },
    )
  }
