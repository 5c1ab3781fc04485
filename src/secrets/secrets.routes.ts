import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { idText, pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import { listAgentSecrets, listSecrets, presentSecret } from './list-secrets.ts'
import { removeSecret } from './remove-secret.ts'
import { agentSecretView, newSecret, secretCursor, secretView } from './secrets.schema.ts'
import { setSecret, type SecretsDeps } from './set-secret.ts'

const listQuery = pageQuery.extend({ agent: idText.optional().describe('Only those of this agent') })
const oneQuery = z.object({ agent: idText, name: z.string().max(50) })

/** Values for agents' requests: set, removed, never read. */
export const secretsRoutes =
  (deps: SecretsDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/secrets',
      {
        config: { permission: 'secrets.read' },
        schema: {
          tags: ['secrets'],
          summary: 'List the secrets that the account has set',
          description: 'Names and hosts. No answer ever holds a value.',
          querystring: listQuery,
          response: { 200: pageOf(secretView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, secretCursor, secretView)
        const rows = await listSecrets(deps, req.principal, page, req.query.agent ?? null)
        return presentPage(page, rows, presentSecret, (row) => [row.agentId, row.name])
      },
    )
    app.put(
      '/api/secrets',
      {
        config: { permission: 'secrets.write' },
        schema: {
          tags: ['secrets'],
          summary: 'Set a secret that an agent declares',
          description:
            'It is kept encrypted and put into requests of the agent towards the hosts it declares now; the agent ' +
            'itself never sees it. Set by the creator, it serves every caller who has set none.',
          body: newSecret,
          response: { 200: secretView },
        },
      },
      async (req) => setSecret(deps, req.principal, req.body, { requestId: req.id, address: req.ip }),
    )
    app.delete(
      '/api/secrets',
      {
        config: { permission: 'secrets.write' },
        schema: {
          tags: ['secrets'],
          summary: 'Remove a secret',
          querystring: oneQuery,
          response: { 204: z.void().describe('Removed; runs that begin from now on do not use it') },
        },
      },
      async (req, reply) => {
        const which = { agentId: req.query.agent, name: req.query.name }
        await removeSecret(deps, req.principal, which, { requestId: req.id, address: req.ip })
        return reply.code(204).send()
      },
    )
    app.get(
      '/api/agents/:id/secrets',
      {
        config: { permission: 'secrets.read' },
        schema: {
          tags: ['secrets'],
          summary: 'List the secrets that an agent declares',
          description: 'With whose value a run of yours would use.',
          params: z.object({ id: idText }),
          response: { 200: z.object({ items: z.array(agentSecretView) }) },
        },
      },
      async (req) => ({ items: await listAgentSecrets(deps, req.principal, req.params.id) }),
    )
  }
