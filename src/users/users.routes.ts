import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { idText, pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import { createApiKey, listApiKeys, presentKey, renameApiKey, revokeApiKey, type ApiKeyDeps } from './api-keys.ts'
import { createdKey, keyCursor, keyView, newKey } from './users.schema.ts'

/** API keys of the caller's account. */
export const usersRoutes =
  (deps: ApiKeyDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/keys',
      {
        config: { permission: 'keys.read' },
        schema: {
          tags: ['keys'],
          summary: 'List API keys',
          querystring: pageQuery,
          response: { 200: pageOf(keyView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, keyCursor, keyView)
        const rows = await listApiKeys(deps, req.principal, page)
        return presentPage(page, rows, presentKey, (row) => [row.createdAt, row.id])
      },
    )
    app.post(
      '/api/keys',
      {
        config: { permission: 'keys.write' },
        schema: { tags: ['keys'], summary: 'Make an API key', body: newKey, response: { 201: createdKey } },
      },
      async (req, reply) => {
        const key = await createApiKey(deps, req.principal, req.body, { requestId: req.id, address: req.ip })
        return reply.code(201).header('cache-control', 'no-store').send(key)
      },
    )
    app.patch(
      '/api/keys/:id',
      {
        config: { permission: 'keys.write' },
        schema: {
          tags: ['keys'],
          summary: 'Rename an API key',
          params: z.object({ id: idText }),
          body: newKey.pick({ name: true }),
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        const origin = { requestId: req.id, address: req.ip }
        await renameApiKey(deps, req.principal, req.params.id, req.body.name, origin)
        return reply.code(204).send()
      },
    )
    app.delete(
      '/api/keys/:id',
      {
        config: { permission: 'keys.write' },
        schema: {
          tags: ['keys'],
          summary: 'Revoke an API key',
          params: z.object({ id: idText }),
          response: { 204: z.void().describe('Revoked; refused within a second') },
        },
      },
      async (req, reply) => {
        await revokeApiKey(deps, req.principal, req.params.id, { requestId: req.id, address: req.ip })
        return reply.code(204).send()
      },
    )
  }
