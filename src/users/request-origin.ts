import type { FastifyRequest } from 'fastify'
import type { Origin } from './audit.ts'

/** Where a request comes from, for audit and attempts. `req.ip` believes only the proxies that are configured. */
export function originOf(req: FastifyRequest): Origin {
  const userAgent = req.headers['user-agent']
  return { requestId: req.id, address: req.ip, ...(userAgent === undefined ? {} : { userAgent }) }
}
