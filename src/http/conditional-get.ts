import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/** ETag and 304 for successful GET answers that are whole in memory. Not @fastify/etag, because that also hashes every
 * POST answer, and turns an error whose text has not changed into a 304. Weak tags: the same answer goes out plain,
 * gzip or brotli. Must be registered before compression, so that the tag is of the plain bytes. */
export function installConditionalGet(app: FastifyInstance): void {
  app.addHook('onSend', (req, reply, payload, done) => {
    if (req.method !== 'GET' || reply.statusCode !== 200) return done()
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return done()
    const given = reply.getHeader('etag')
    const tag = typeof given === 'string' ? given : `W/"${createHash('sha1').update(payload).digest('base64url')}"`
    reply.header('etag', tag)
    if (!matchesTag(req.headers['if-none-match'], tag)) return done()
    reply.code(304).removeHeader('content-type').removeHeader('content-length')
    done(null, '')
  })
}

/** RFC 9110, 13.1.2: weak comparison against a list of tags, or `*`. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  const opaque = tag.replace(/^W\//, '')
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque)
}
