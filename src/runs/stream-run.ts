import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Queryable } from '../platform/database.ts'
import type { StreamLimits } from './events/stream-limits.ts'
import type { RunWatch } from './events/watch-runs.ts'
import { getRunRow } from './get-run-row.ts'
import { runsErrors } from './runs.errors.ts'

const sequence = z.coerce.number().int().min(0).max(2_147_483_647)

/** Does the caller want events rather than one answer? */
export const wantsEvents = (req: FastifyRequest): boolean =>
  req.headers.accept?.toLowerCase().includes('text/event-stream') === true

/** Where a stream goes on: the header that browsers send by themselves, or the query.
 * @throws EVENT_ID_INVALID for what is not a number */
export function readLastEventId(req: FastifyRequest, query: string | undefined): number {
  const given = req.headers['last-event-id']?.toString() ?? query
  if (given === undefined || given === '') return 0
  const parsed = sequence.safeParse(given)
  if (!parsed.success || !/^\d+$/.test(given)) throw runsErrors.EVENT_ID_INVALID({ given: given.slice(0, 100) })
  return parsed.data
}

/** Counts the stream of this request until its connection closes. @throws TOO_MANY_STREAMS */
export function holdStream(limits: StreamLimits, req: FastifyRequest, reply: FastifyReply): void {
  const held = limits.take(req.principal, req.ip)
  reply.raw.once('close', () => held.release())
}

/** Answers with the events of a run. The response is taken from Fastify, so nothing compresses or buffers it; the headers
 * that every answer has are kept.
 * @throws RUN_NOT_FOUND, EVENT_ID_INVALID */
export async function streamRun(
  deps: { readonly db: Queryable; readonly watch: RunWatch },
  req: FastifyRequest,
  reply: FastifyReply,
  runId: string,
  after: number,
): Promise<FastifyReply> {
  const row = await getRunRow(deps, req.principal, runId)
  const isOpen = await deps.watch.open(row, after, {
    isDraining: () => req.server.drain.isDraining,
    begin() {
      reply.hijack()
      // No line of a log is worth a packet less: each is sent when it is there.
      req.raw.socket.setNoDelay(true)
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value)
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'private, no-store, no-transform',
        // Proxies that buffer by default leave it be.
        'x-accel-buffering': 'no',
        location: `/api/runs/${runId}`,
      })
      return reply.raw
    },
  })
  // Nothing is left to tell, and a browser that asks again and again stops at this.
  if (!isOpen) return reply.code(204).send()
  return reply
}
