import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ObjectStore } from '../files/index.ts'
import { asDownload, columnText, idText, mediaType, pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { manifestOf } from './agent-cache.ts'
import {
  agentListItem,
  agentView,
  creatorView,
  creditsText,
  facetsView,
  metricsView,
  quoteView,
  type AgentManifest,
} from './agents.schema.ts'
import { CATALOGUE_SORTS } from './catalogue.queries.ts'
import { countFacets } from './count-facets.ts'
import {
  findExampleFile,
  getAgent,
  getAgentByName,
  giveConsentTo,
  presentAgentTo,
  type FoundAgent,
  type SiteFacts,
} from './get-agent.ts'
import { creatorCursor, getCreator } from './get-creator.ts'
import type { AgentDeps } from './get-runnable-agent.ts'
import { agentCursor, cursorBehind, listAgents, listNearest, presentListedAgent, sortOf } from './list-agents.ts'
import { listOwnAgents, ownAgentCursor, ownAgentView, presentOwnAgent } from './list-own-agents.ts'
import { listMetrics, metricsCursor, presentMetrics } from './list-metrics.ts'
import { AGENT_CATEGORIES, AGENT_LANGUAGES } from './manifest-words.ts'
import { quoteAgent } from './quote-agent.ts'
import { setAgentTrial } from './set-agent-trial.ts'
import { listVersions, versionCursor } from './versions/list-versions.ts'
import { versionView } from './versions/versions.schema.ts'

export type AgentRoutesDeps = {
  readonly db: Database
  readonly agents: AgentDeps
  readonly store: Pick<ObjectStore, 'get'>
  /** What holds agents on this site now, and how long runs are kept. */
  readonly site: () => Pick<SiteFacts, 'isolation' | 'retention'>
  /** Runs of an agent that are left today for a guest who comes from this address; null where guests may not run it. */
  readonly trialsLeft: (agent: { isTrial: boolean; manifest: AgentManifest }, address: string) => Promise<number | null>
}

const params = z.object({ id: idText })
const names = z.object({ owner: idText, slug: idText })
const versionQuery = z.object({
  version: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe('Another version than the active one'),
})
const catalogueQuery = z.object({
  q: columnText(100)
    .pipe(z.string().trim().min(1))
    .optional()
    .describe('Words of a name or description; each may be the beginning of one'),
  category: z.enum(AGENT_CATEGORIES).optional(),
  maxPrice: creditsText.optional().describe('Most credits that a run typically costs'),
  network: z.literal('none').optional().describe('Only agents that use no network'),
  language: z.enum(AGENT_LANGUAGES).optional(),
})
const listQuery = pageQuery.extend({
  ...catalogueQuery.shape,
  sort: z
    .enum(CATALOGUE_SORTS)
    .optional()
    .describe('Without it the best match where there is a search, otherwise the newest'),
})
const listAnswer = pageOf(agentListItem).extend({
  nearest: z
    .array(z.object({ name: z.string(), owner: z.string(), slug: z.string() }))
    .optional()
    .describe('Names like what was searched for, where nothing was found'),
})
const quoteHeaders = z.object({
  'bureau-max-charge': creditsText.optional().describe('Most credits that the run may cost'),
})

/** What there is to run, what it takes and what it costs. */
export const agentsRoutes =
  (deps: AgentRoutesDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const shown = async (req: FastifyRequest, agent: FoundAgent) => {
      const principal = req.maybePrincipal
      // The site asks for its public pages, which are kept for nobody in particular.
      const isGuest = principal === null && !req.isFromSite
      const trialsLeft =
        isGuest && agent.manifest !== null && agent.status === 'active'
          ? await deps.trialsLeft({ isTrial: agent.isTrial, manifest: manifestOf(agent.manifest) }, req.ip)
          : null
      return presentAgentTo(deps, principal, agent, { ...deps.site(), trialsLeft })
    }
    app.get(
      '/api/agents',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'Find agents',
          description: 'Public agents, and with a key all of its own account.',
          querystring: listQuery,
          response: { 200: listAnswer },
        },
      },
      async (req) => {
        const query = { ...req.query, maxPriceMicro: req.query.maxPrice }
        const sort = sortOf(query)
        const page = readPage(req.query, agentCursor(sort), agentListItem)
        const rows = await listAgents(deps, req.maybePrincipal, page, query)
        const answer = presentPage(page, rows, presentListedAgent, cursorBehind(sort))
        if (rows.length > 0 || query.q === undefined || page.after !== null) return answer
        return { ...answer, nearest: await listNearest(deps, query.q) }
      },
    )
    app.get(
      '/api/agents/own',
      {
        config: { permission: 'agents.read' },
        schema: {
          tags: ['agents'],
          summary: "List one's own agents",
          description:
            'All of the account, drafts and private ones too, by short name, with runs and earnings of late.',
          querystring: pageQuery,
          response: { 200: pageOf(ownAgentView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, ownAgentCursor, ownAgentView)
        return presentPage(page, await listOwnAgents(deps, req.principal, page), presentOwnAgent, ({ slug }) => slug)
      },
    )
    app.get(
      '/api/agents/facets',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'Count what each choice would leave',
          description: 'Of public agents. Takes the same filters as the list.',
          querystring: catalogueQuery,
          response: { 200: facetsView },
        },
      },
      (req) => countFacets(deps, { ...req.query, maxPriceMicro: req.query.maxPrice }),
    )
    app.get(
      '/api/agents/by-name/:owner/:slug',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'Get an agent by the names in its address',
          params: names,
          querystring: versionQuery,
          response: { 200: agentView },
        },
      },
      async (req) => shown(req, await getAgentByName(deps, req.maybePrincipal, req.params, req.query.version)),
    )
    app.get(
      '/api/creators/:name',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'Get who publishes agents, and which',
          params: z.object({ name: idText }),
          querystring: pageQuery,
          response: { 200: creatorView },
        },
      },
      async (req) => {
        const page = readPage(req.query, creatorCursor, agentListItem)
        const { rows, name, slug, agents, createdAt } = await getCreator(deps, req.params.name, page)
        const answer = presentPage(page, rows, presentListedAgent, (row) => [row.runs, row.id])
        return { name, slug, agents, createdAt: createdAt.toISOString(), ...answer }
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
          querystring: versionQuery,
          response: { 200: agentView },
        },
      },
      async (req) => shown(req, await getAgent(deps, req.maybePrincipal, req.params.id, req.query.version)),
    )
    app.get(
      '/api/agents/:id/versions',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'List the versions of an agent, newest first',
          description: 'With what changed for callers. A run names one by `?version=`, at the price of that version.',
          params,
          querystring: pageQuery,
          response: { 200: pageOf(versionView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, versionCursor, versionView)
        const versions = await listVersions(deps, req.maybePrincipal, req.params.id, page)
        return presentPage(
          page,
          versions,
          (view) => view,
          ({ version }) => version,
        )
      },
    )
    app.put(
      '/api/agents/:id/trial',
      {
        config: { permission: 'admin' },
        schema: {
          tags: ['agents'],
          summary: 'Let guests run an agent, or not',
          description:
            'At the expense of the site, some times a day. Not run for guests all the same: an agent that costs more than ' +
            'BUREAU_TRIALS_MAX_PRICE, wants secrets, or reaches hosts where BUREAU_TRIALS_EGRESS is off.',
          params,
          body: z.object({ isTrial: z.boolean() }),
          response: { 204: z.void().describe('So it is') },
        },
      },
      async (req, reply) => {
        const { db, agents } = deps
        await setAgentTrial({ db, cache: agents.cache }, req.principal, req.params.id, req.body.isTrial, originOf(req))
        return reply.code(204).send()
      },
    )
    app.get(
      '/api/agents/:id/examples/:at/files/:name',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['agents'],
          summary: 'A file that an example made',
          params: params.extend({ at: z.coerce.number().int().min(0).max(100), name: z.string().min(1).max(200) }),
        },
      },
      async (req, reply) => {
        const { id, at, name } = req.params
        const file = findExampleFile(await getAgent(deps, req.maybePrincipal, id), at, name)
        asDownload(reply, file.name)
        return reply.header('content-type', mediaType(file.type)).send(Buffer.from(await deps.store.get(file.key)))
      },
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
          querystring: versionQuery,
          body: z.object({ manifestHash: z.string().max(64) }),
          response: { 204: z.void().describe('Agreed') },
        },
      },
      async (req, reply) => {
        const agent = await getAgent(deps, req.principal, req.params.id, req.query.version)
        await giveConsentTo(deps, req.principal, agent, req.body.manifestHash, originOf(req))
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
          querystring: versionQuery,
          headers: quoteHeaders,
          response: { 200: quoteView },
        },
      },
      async (req) =>
        quoteAgent(deps, req.principal, req.params.id, req.headers['bureau-max-charge'] ?? null, req.query.version),
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

const originOf = (req: FastifyRequest) => ({ requestId: req.id, address: req.ip })
