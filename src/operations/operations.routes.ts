import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Parsed } from '../platform/config.ts'
import { hashSecret, type KeyVerifier } from '../users/index.ts'
import { healthView, type HealthReader } from './health.ts'
import type { Metrics } from './metrics.ts'
import { operationsErrors } from './operations.errors.ts'
import type { operationsOptions } from './operations.options.ts'

export type OperationsRoutesDeps = {
  readonly health: HealthReader
  readonly metrics: Metrics
  readonly keys: KeyVerifier
  readonly config: Parsed<typeof operationsOptions>
}

const anyone = { config: { permission: 'anyone' as const } }

/** Is it up, and how is it doing? */
export const operationsRoutes =
  (deps: OperationsRoutesDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/health',
      {
        ...anyone,
        schema: { tags: ['operations'], summary: 'How each part is', response: { 200: healthView, 503: healthView } },
      },
      async (_req, reply) => {
        const health = await deps.health.read()
        return reply.code(health.status === 'failed' ? 503 : 200).send(health)
      },
    )
    app.get(
      '/api/health/live',
      {
        ...anyone,
        schema: {
          tags: ['operations'],
          summary: 'Does the process answer?',
          response: { 200: z.object({ live: z.literal(true) }) },
        },
      },
      () => ({ live: true as const }),
    )
    const ready = z.object({ ready: z.boolean() })
    app.get(
      '/api/health/ready',
      {
        ...anyone,
        schema: {
          tags: ['operations'],
          summary: 'May a balancer send requests here?',
          response: { 200: ready, 503: ready },
        },
      },
      async (_req, reply) => {
        // False before the drain begins to refuse, so that a balancer can turn away first.
        const isReady = !app.drain.isDraining && (await deps.health.read()).status !== 'failed'
        return reply.code(isReady ? 200 : 503).send({ ready: isReady })
      },
    )
    app.get('/metrics', { config: { permission: 'checked_by_route' }, schema: { hide: true } }, async (req, reply) => {
      if (!(await mayReadMetrics(deps, req))) throw operationsErrors.METRICS_FORBIDDEN()
      return reply
        .headers({ 'content-type': deps.metrics.contentType, 'cache-control': 'no-store' })
        .send(await deps.metrics.text())
    })
  }

async function mayReadMetrics(deps: OperationsRoutesDeps, req: FastifyRequest): Promise<boolean> {
  const header = req.headers.authorization
  if (header?.startsWith('Bearer ')) {
    const token = header.slice(7)
    const wanted = deps.config.metricsToken
    // Hashed first, so that both have one length and the comparison tells nothing.
    if (wanted !== undefined && timingSafeEqual(hashSecret(token), hashSecret(wanted))) return true
    return (await deps.keys.authenticate(token)).isAdmin
  }
  return isLoopback(req)
}

/** From this machine, and not through a proxy on it: behind one, everybody's address is that of the proxy. */
function isLoopback(req: FastifyRequest): boolean {
  const { headers, ip } = req
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined)
    return false
  return ip === '::1' || /^(::ffff:)?127\./.test(ip)
}
