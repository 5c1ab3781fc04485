import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Redis } from 'ioredis'
import { systemClock, type Clock } from '../platform/clock.ts'
import type { Parsed } from '../platform/config.ts'
import type { EnhancedAppError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { createBodyWatch, hasBody, type BodyWatch } from './body-watch.ts'
import { installConditionalGet } from './conditional-get.ts'
import { codedErrorOf, createErrorHandler, pathOf, sendProblem } from './error-handler.ts'
import { installFirstAnswers } from './first-answers.ts'
import { httpErrors } from './http.errors.ts'
import type { httpOptions } from './http.options.ts'
import { parseJsonBody } from './json-body.ts'
import { installOpenApi } from './openapi.ts'
import { rawProblem } from './problem.ts'
import { createRateLimit, networkOf } from './rate-limits.ts'
import { securityHeaders } from './security-headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes as they came, for whoever fingerprints or stores them; null without a JSON body. */
    rawBody: Buffer | null
  }
  interface FastifyReply {
    /** Code of the problem that was answered, for the log line. */
    problemCode: string | null
  }
}

/** A window of 64 kB instead of 4 MB: an answer is seldom larger, and the memory that V8 is told of for each encoder made it
 * collect all garbage several times a second (9.3 ms of processor time a page against 3.9). */
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 16 },
} as const

/** How requests come to have somebody who asks. Made by `users/`, so that nothing here knows what a principal is. */
export type Authentication = {
  /** Adds what routes read, and refuses routes that do not say who may call them. Called before any route exists. */
  install(app: FastifyInstance): void
  /** Finds out who asks and whether this route is open to them, at once where it is known.
   * @returns what its requests are counted under, or null for nobody
   * @throws EnhancedAppError UNAUTHENTICATED, FORBIDDEN, … */
  identify(req: FastifyRequest): string | null | Promise<string | null>
}

/** What ended, for metrics. Route is a pattern, never a path. */
export type EndedRequest = {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly tookMs: number
}

export type HttpAppDeps = {
  readonly config: Parsed<typeof httpOptions>
  readonly log: Logger
  readonly authentication: Authentication
  readonly clock?: Clock
  /** Shared by several processes to add up rate limits. */
  readonly redis?: Redis | null
  readonly onRequestEnd?: (ended: EndedRequest) => void
}

/** What the whole process knows about its own end. */
export type Drain = { isDraining: boolean; inFlight: number; whenIdle: (() => void) | null }

export type HttpApp = Awaited<ReturnType<typeof createHttpApp>>

/** The Fastify app that all routes join: `await app.register(xRoutes(deps))`, paths in full (`/api/…`). It listens to
 * nothing yet: {@link createHttpService} does. */
export async function createHttpApp(deps: HttpAppDeps) {
  const { config, log, clock = systemClock } = deps
  const drain: Drain = { isDraining: false, inFlight: 0, whenIdle: null }
  const app = fastify({
    // No logger in Fastify: a child logger per request costs more than the one line at the end.
    logger: false,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    bodyLimit: config.bodyBytes,
    // Bodies are watched by body-watch.ts; heads by `headersTimeout`.
    requestTimeout: 0,
    keepAliveTimeout: config.keepAliveMs,
    http: { headersTimeout: Math.min(config.requestTimeoutMs, 30_000) },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 256 },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, config.requestTimeoutMs),
    frameworkErrors: (error, req, reply) => sendProblem(codedErrorOf(error, req), req, reply),
  }).withTypeProvider<ZodTypeProvider>()
  app.server.maxConnections = config.connections
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.decorateRequest('rawBody', null)
  app.decorateReply('problemCode', null)
  app.decorate('drain', drain)
  app.setErrorHandler(createErrorHandler({ log }))
  app.setNotFoundHandler((req, reply) => {
    sendProblem(httpErrors.ROUTE_NOT_FOUND({ method: req.method, path: pathOf(req.url) }), req, reply)
  })
  const limits = {
    address: createRateLimit(
      { clock, log, redis: deps.redis ?? null },
      { per: 'address', perMinute: config.addressPerMinute },
    ),
    principal: createRateLimit(
      { clock, log, redis: deps.redis ?? null },
      { per: 'key or user', perMinute: config.principalPerMinute },
    ),
  }
  const bodies = createBodyWatch({
    requestTimeoutMs: config.requestTimeoutMs,
    idleMs: config.bodyIdleMs,
    minBytesPerSecond: config.bodyMinBytesPerSecond,
    monotonicMs: () => clock.monotonicMs(),
    onLate: (raw, why) => endLateRequest(raw, why, config),
  })
  takeJsonBodies(app, bodies)
  const headers = securityHeaders(config.url)
  const untilEnd = createRequestEnds({ log, clock, drain, onRequestEnd: deps.onRequestEnd })
  app.addHook('onRequest', openRequest({ drain, headers, bodies, untilEnd }))
  deps.authentication.install(app)
  app.addHook('onRequest', admitRequest(deps.authentication, limits))
  app.addHook('onClose', (_app, done) => {
    limits.address.stop()
    limits.principal.stop()
    bodies.stop()
    done()
  })
  installFirstAnswers(app, {
    admit: (address) => limits.address.take(networkOf(address)),
    open: (res, route, id) => untilEnd(res, { id, method: 'GET', route: () => route, code: () => null }),
    headers,
    isDraining: () => drain.isDraining,
    hasProxies: config.trustedProxies.length > 0,
  })
  installConditionalGet(app)
  await app.register(compress, {
    threshold: 1024,
    encodings: ['br', 'gzip'],
    globalDecompression: false,
    brotliOptions: BROTLI,
  })
  await installOpenApi(app, { url: config.url })
  return app
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly drain: Drain
  }
}

/** What is told of a request when it has ended. */
type Ending = { readonly id: string; readonly method: string; route(): string; code(): string | null }

/** Counts a request as under way until its answer is out, then tells log and metrics. */
function createRequestEnds(deps: {
  readonly log: Logger
  readonly clock: Clock
  readonly drain: Drain
  readonly onRequestEnd: HttpAppDeps['onRequestEnd']
}) {
  const { log, clock, drain, onRequestEnd } = deps
  return (res: ServerResponse, request: Ending): void => {
    const startedMs = clock.monotonicMs()
    drain.inFlight++
    // `close` and not `finish`: a client that vanished is an end too.
    res.on('close', () => {
      drain.inFlight--
      if (drain.inFlight === 0) drain.whenIdle?.()
      const { id: requestId, method } = request
      const route = request.route()
      // 499: the client went away before there was an answer.
      const status = res.headersSent ? res.statusCode : 499
      const tookMs = Math.round((clock.monotonicMs() - startedMs) * 100) / 100
      if (log.isLevelEnabled('info')) {
        const code = request.code()
        log.info({ requestId, method, route, status, tookMs, ...(code === null ? {} : { code }) }, 'request ended')
      }
      onRequestEnd?.({ method, route, status, tookMs })
    })
  }
}

/** First hook: constant headers, refusal while draining, and the end of the request. One function and one listener,
 * because this is paid for every run. */
function openRequest(deps: {
  readonly drain: Drain
  readonly headers: Readonly<Record<string, string>>
  readonly bodies: BodyWatch
  readonly untilEnd: (res: ServerResponse, request: Ending) => void
}) {
  const { drain, headers, bodies, untilEnd } = deps
  return (req: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    untilEnd(reply.raw, {
      id: req.id,
      method: req.method,
      route: () => req.routeOptions.url ?? 'unknown',
      code: () => reply.problemCode,
    })
    if (hasBody(req.raw)) bodies.add(req.raw, req.routeOptions.config.body ?? 'short')
    reply.headers(headers)
    reply.header('x-request-id', req.id)
    if (req.method === 'GET') reply.header('cache-control', 'private, no-cache')
    if (drain.isDraining) {
      reply.header('connection', 'close')
      // A balancer still has to see that this process lives and is not ready.
      if (!(req.routeOptions.url ?? '').startsWith('/api/health')) {
        return done(httpErrors.SHUTTING_DOWN({ retryAfterSeconds: 1 }))
      }
    }
    if (hasEncodedNull(req.url)) {
      return done(httpErrors.REQUEST_INVALID({ fields: [{ path: '', message: 'the address contains U+0000' }] }))
    }
    done()
  }
}

/** The answer is written by hand: whoever was to give it still waits for the body. */
function endLateRequest(
  raw: IncomingMessage,
  why: 'late' | 'idle' | 'slow',
  { requestTimeoutMs, bodyIdleMs, bodyMinBytesPerSecond }: Parsed<typeof httpOptions>,
): void {
  const { socket } = raw
  const error =
    why === 'late'
      ? httpErrors.REQUEST_TIMEOUT({ timeoutMs: requestTimeoutMs })
      : httpErrors.BODY_TOO_SLOW({ idleMs: bodyIdleMs, bytesPerSecond: bodyMinBytesPerSecond })
  // What reads the body hears of it once the answer has left: destroying it takes the connection along.
  if (socket.writable) socket.end(rawProblem(error, randomUUID()), () => raw.destroy())
  else raw.destroy()
}

/** No column and no id holds U+0000, and PostgreSQL would refuse the statement. */
const hasEncodedNull = (url: string): boolean => url.includes('%00')

/** Second hook: counts the address, finds out who asks, counts them. All before the body is read. */
function admitRequest(
  authentication: Authentication,
  limits: { readonly address: { take(key: string): void }; readonly principal: { take(key: string): void } },
) {
  return (req: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    try {
      limits.address.take(networkOf(req.ip))
      const identity = authentication.identify(req)
      if (identity instanceof Promise) {
        identity
          .then((id) => {
            if (id !== null) limits.principal.take(id)
            done()
          })
          .catch(done)
        return
      }
      if (identity !== null) limits.principal.take(identity)
    } catch (error) {
      return done(error instanceof Error ? error : new Error('thrown without an error', { cause: error }))
    }
    done()
  }
}

function takeJsonBodies(app: FastifyInstance, bodies: BodyWatch): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (req, body, done) => {
    bodies.done(req.raw)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    req.rawBody = bytes
    try {
      done(null, parseJsonBody(bytes))
    } catch (error) {
      done(error instanceof Error ? error : new Error('body refused', { cause: error }))
    }
  })
}

/** A request whose head cannot be read never becomes one of ours, so the answer is written by hand. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket, timeoutMs: number): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const coded: EnhancedAppError =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? httpErrors.HEADERS_TOO_LARGE()
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? httpErrors.REQUEST_TIMEOUT({ timeoutMs })
        : httpErrors.REQUEST_INVALID({ fields: [{ path: '', message: 'this is not an HTTP/1.1 request' }] })
  socket.end(rawProblem(coded, randomUUID()))
}
