import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { activateAgent, deactivateAgent, agentStatuses, type AgentDeps, type AgentStatus } from '../agents/index.ts'
import { columnText, idText } from '../http/index.ts'
import { deployAgent, type DeploymentDeps, type DeploymentReceipt } from './deploy-agent.ts'
import { deploymentStep } from './deployment-progress.ts'
import { deploymentStatuses } from './deployment-status.ts'
import { getDeployment, type Deployment } from './find-deployment.ts'
import type { SourceFiles } from './source-files.ts'

export type DeploymentRoutesDeps = DeploymentDeps & { readonly agents: AgentDeps }

const visibility = z.enum(['private', 'unlisted', 'public'])
const files = z
  .record(z.string(), z.union([z.string(), z.strictObject({ $base64: z.base64() })]))
  .describe(
    'The source: the text of each file by its path, or `{"$base64": …}` of one that is no text; `index.ts` is where it begins',
  )
const newAgent = z.object({
  slug: z.string().describe('Name in addresses: lower-case letters, digits and dashes'),
  name: columnText(120).optional().describe('For an agent whose code gives no name'),
  visibility: visibility.optional().describe('A new agent is private without it, an old one stays as it is'),
  files,
})
const newVersion = z.object({ files, visibility: visibility.optional().describe('Changes it; left out, it stays') })
const receiptView = z.object({
  agentId: z.string(),
  version: z.int(),
  deploymentId: z.string(),
  status: z.literal('pending'),
})
const deploymentView = z.object({
  deploymentId: z.string(),
  agentId: z.string(),
  version: z.int(),
  status: z.enum(deploymentStatuses),
  code: z.string().nullable().describe('Why it failed'),
  message: z.string().nullable(),
  steps: z.array(deploymentStep),
  health: z.unknown(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
const params = z.object({ id: idText })
const statusView = z.object({ agentId: z.string(), status: z.enum(agentStatuses) })

/** Source as JSON: larger than any other body, and still bounded. */
const SOURCE_BODY_BYTES = 8_000_000

/** Publishing agents. A deployment is carried out by a job; its receipt says where to look. */
export const deploymentsRoutes =
  (deps: DeploymentRoutesDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const standing = { db: deps.db, cache: deps.agents.cache }
    app.post(
      '/api/agents',
      {
        bodyLimit: SOURCE_BODY_BYTES,
        config: { permission: 'agents.write' },
        schema: {
          tags: ['agents'],
          summary: 'Publish an agent',
          description: 'Uploads the source of a new agent, or of a new version if the account has one of that slug.',
          body: newAgent,
          response: { 201: receiptView },
        },
      },
      async (req, reply) => {
        const { slug, name, visibility: shown, files: sources } = req.body
        const receipt = await deployAgent(deps, req.principal, {
          slug,
          sourceFiles: sourceOf(sources),
          ...(name === undefined ? {} : { name }),
          ...(shown === undefined ? {} : { visibility: shown }),
        })
        return reply
          .code(201)
          .header('location', `/api/deployments/${receipt.deploymentId}`)
          .send(presentReceipt(receipt))
      },
    )
    app.post(
      '/api/agents/:id/deployments',
      {
        bodyLimit: SOURCE_BODY_BYTES,
        config: { permission: 'agents.write' },
        schema: {
          tags: ['agents'],
          summary: 'Publish a new version of an agent',
          params,
          body: newVersion,
          response: { 201: receiptView },
        },
      },
      async (req, reply) => {
        const order = {
          agentId: req.params.id,
          // An existing agent keeps its slug; what stands here is not read.
          slug: 'existing',
          sourceFiles: sourceOf(req.body.files),
          ...(req.body.visibility === undefined ? {} : { visibility: req.body.visibility }),
        }
        const receipt = await deployAgent(deps, req.principal, order)
        return reply
          .code(201)
          .header('location', `/api/deployments/${receipt.deploymentId}`)
          .send(presentReceipt(receipt))
      },
    )
    app.get(
      '/api/deployments/:id',
      {
        config: { permission: 'agents.read' },
        schema: { tags: ['agents'], summary: 'Get how a deployment goes', params, response: { 200: deploymentView } },
      },
      async (req) => presentDeployment(await getDeployment(deps, req.principal, req.params.id)),
    )
    app.post(
      '/api/agents/:id/activate',
      {
        config: { permission: 'agents.write' },
        schema: { tags: ['agents'], summary: 'Let an agent be run again', params, response: { 200: statusView } },
      },
      async (req) => presentStatus(req.params.id, await activateAgent(standing, req.principal, req.params.id)),
    )
    app.post(
      '/api/agents/:id/deactivate',
      {
        config: { permission: 'agents.write' },
        schema: {
          tags: ['agents'],
          summary: 'Take an agent out, within a second',
          params,
          response: { 200: statusView },
        },
      },
      async (req) => presentStatus(req.params.id, await deactivateAgent(standing, req.principal, req.params.id)),
    )
  }

const presentStatus = (agentId: string, status: AgentStatus) => ({ agentId, status })

const sourceOf = (given: z.infer<typeof files>): SourceFiles =>
  new Map(
    Object.entries(given).map(([path, content]) => [
      path,
      typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.$base64, 'base64'),
    ]),
  )

const presentReceipt = ({ agentId, version, deploymentId }: DeploymentReceipt) => ({
  agentId,
  version,
  deploymentId,
  status: 'pending' as const,
})

const presentDeployment = ({ id, createdAt, finishedAt, steps, ...deployment }: Deployment) => ({
  ...deployment,
  deploymentId: id,
  steps: [...steps],
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
})
