import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerBase, RouteGenericInterface } from 'fastify'
import { httpErrors, PAGE_POLICY, pathOf, sendProblem } from '../http/index.ts'
import type { Clock } from '../platform/clock.ts'
import { gatewayErrors } from './gateway.errors.ts'
import { createOwnAddresses, ownAddress } from './own-address.ts'
import { createPageCache, type KeptPage } from './page-cache.ts'
import { noncePolicy } from './page-policy.ts'
import { mayBeKept } from './public-pages.ts'
import { createReadyPages, keptPageHeaders } from './ready-pages.ts'
import { renderPage } from './render-page.ts'
import { createSiteAssets, encodingFor } from './site-assets.ts'
import { isOfSite } from './site-paths.ts'
import type { Site } from './site-process.ts'
import { waitingPage } from './waiting-page.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the scripts of the page that is being answered carry. */
    pageNonce: string
  }
}

export type GatewayDeps = {
  /** Null where this process serves the API alone. */
  readonly site: Site | null
  readonly options: {
    /** BUREAU_URL. */
    readonly publicUrl: string | undefined
    readonly isDevelopment: boolean
  }
  /** Where this process listens; known once it does. */
  readonly listensAt: () => string
  readonly clock: Clock
}

/** The proxy's types also allow for HTTP/2. */
type AnyRequest = FastifyRequest<RouteGenericInterface, RawServerBase>
type AnyReply = FastifyReply<RouteGenericInterface, RawServerBase>

const RETRY_AFTER_SECONDS = 2
const OPEN = { permission: 'checked_by_route' } as const

/** Everything that no route of the API takes: pages from the site, its files from here. */
export const gatewayRoutes =
  (deps: GatewayDeps) =>
  async (app: FastifyInstance): Promise<void> => {
    const { site, options } = deps
    if (site === null) {
      app.get('/', { config: { permission: 'anyone' }, schema: { hide: true } }, (_req, reply) =>
        reply.redirect('/docs'),
      )
      return
    }
    const isSecure = options.publicUrl?.startsWith('https:') ?? false
    if (site.isBuiltHere) await app.register(assetsRoutes(site))
    const kept = keptPages(site, deps)
    if (!options.isDevelopment) app.answerFirst(createReadyPages({ find: kept.fresh, headers: pageHeaders }))
    await app.register(async (scope) => {
      scope.decorateRequest('pageNonce', '')
      // Bodies pass through as they come.
      scope.removeAllContentTypeParsers()
      await scope.register(httpProxy, {
        upstream: '',
        config: OPEN,
        disableRequestLogging: true,
        undici: { connections: 64, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 0 },
        async preHandler(req, reply) {
          if (!isOfSite(pathOf(req.url)))
            throw httpErrors.ROUTE_NOT_FOUND({ method: req.method, path: pathOf(req.url) })
          if (site.url() === null) return sendWaiting(reply)
          if (!options.isDevelopment && mayBeKept(req)) return sendKept(kept, req, reply)
          req.pageNonce = randomBytes(16).toString('base64')
          reply.headers(pageHeaders)
          reply.header(
            'content-security-policy',
            noncePolicy(req.pageNonce, { isSecure, isDevelopment: options.isDevelopment }),
          )
          return undefined
        },
        replyOptions: {
          getUpstream: () => site.url() ?? '',
          // A page that fails is shown as failed, not asked for ten times.
          retryDelay: () => null,
          rewriteRequestHeaders: (req, headers) => ({
            ...withoutClaims(headers),
            'content-security-policy': `script-src 'nonce-${req.pageNonce}' 'strict-dynamic'`,
            'x-nonce': req.pageNonce,
            ...forwarded(req, deps),
          }),
          rewriteHeaders: ({ connection: _connection, 'keep-alive': _keepAlive, ...headers }) => ({
            ...headers,
            'cache-control': cacheControl(headers['cache-control']),
          }),
          onError: (reply) => sendWaiting(reply),
        },
      })
    })
  }

type KeptPages = ReturnType<typeof keptPages>

/** Public pages of this build, as they are seen under one name of this site. */
function keptPages(site: Site, deps: GatewayDeps) {
  const pages = createPageCache({ clock: deps.clock })
  const ownAddresses = createOwnAddresses(deps.options.publicUrl, deps.listensAt)
  const keyOf = (own: URL, url: string) => `${site.build()?.id ?? ''} ${own.origin} ${url}`
  return {
    /** While the site is down nothing is found, so that all of it is down at once. */
    fresh: (req: IncomingMessage, url: string) =>
      site.url() === null ? undefined : pages.fresh(keyOf(ownAddresses(req), url)),
    get(req: IncomingMessage, url: string) {
      const own = ownAddresses(req)
      return pages.get(keyOf(own, url), () => renderPage({ siteUrl: site.url() ?? '', path: url, own }))
    },
  }
}

/** A public page from memory, or rendered now for whoever else asks for it. */
async function sendKept(kept: KeptPages, req: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  let page: KeptPage | null
  try {
    page = await kept.get(req.raw, req.url)
  } catch {
    // The site has died or does not answer; it is started again.
    return sendWaiting(reply)
  }
  if (page === null) throw gatewayErrors.SITE_BUSY({ retryAfterSeconds: RETRY_AFTER_SECONDS })
  const encoding = encodingFor(req.headers['accept-encoding'])
  reply.code(page.status).headers(keptPageHeaders(pageHeaders, page))
  if (encoding !== 'plain') reply.header('content-encoding', encoding)
  return reply.send(await page.body(encoding))
}

/** Files of the build: from here, compressed once, for good. In development the site gives its own. */
const assetsRoutes =
  (site: Site) =>
  async (app: FastifyInstance): Promise<void> => {
    const assets = createSiteAssets()
    app.get('/_next/static/*', { config: OPEN, exposeHeadRoute: false }, async (req, reply) => {
      const build = site.build()
      if (build === null) return sendWaiting(reply)
      const path = pathOf(req.url).slice('/_next/static/'.length)
      const asset = await assets.find(build, decode(path), encodingFor(req.headers['accept-encoding']))
      if (asset === null) throw httpErrors.ROUTE_NOT_FOUND({ method: req.method, path: pathOf(req.url) })
      reply.headers({
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        // The same of each encoding.
        etag: `W/"${build.id}"`,
      })
      if (asset.encoding !== 'plain') reply.header('content-encoding', asset.encoding)
      return reply.send(asset.bytes)
    })
  }

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // Not an encoding; no file has such a name.
    return ''
  }
}

/** What a page needs beyond what every answer has. */
const pageHeaders = {
  'cache-control': 'private, no-store',
  'referrer-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** What the site says of a file that it serves itself holds (icons); a page never becomes cacheable by it. */
const cacheControl = (given: unknown): string =>
  typeof given === 'string' && given.startsWith('public') ? given : 'private, no-store'

/** Headers that claim what only the gateway knows, or that steer the site's framework from outside. */
const CLAIMS =
  /^(?:forwarded|x-forwarded-.*|x-real-ip|x-nonce|x-bureau-.*|content-security-policy.*|x-middleware-.*|x-invoke-.*|x-matched-path|x-now-.*|x-vercel-.*)$/

function withoutClaims<T extends Record<string, unknown>>(headers: T): Partial<T> {
  const kept: Partial<T> = { ...headers }
  for (const name of Object.keys(headers)) if (CLAIMS.test(name)) delete kept[name]
  return kept
}

function forwarded(req: Pick<AnyRequest, 'raw' | 'ip' | 'id'>, deps: GatewayDeps): Record<string, string> {
  const own = ownAddress(req.raw, deps.options.publicUrl, deps.listensAt())
  return {
    'x-forwarded-host': own.host,
    'x-forwarded-proto': own.protocol.slice(0, -1),
    'x-forwarded-for': req.ip,
    'x-request-id': req.id,
  }
}

function sendWaiting(reply: Pick<AnyReply, 'request' | 'code' | 'headers' | 'send' | 'problemCode'>): unknown {
  if (!(reply.request.headers.accept ?? '').includes('text/html')) {
    // Not thrown: a browser asks for the picture in its tab each time it tries again, and a log of failures is for those.
    return sendProblem(gatewayErrors.SITE_STARTING({ retryAfterSeconds: RETRY_AFTER_SECONDS }), reply.request, reply)
  }
  reply.code(503)
  reply.headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'cache-control': 'no-store',
    'retry-after': String(RETRY_AFTER_SECONDS),
    refresh: String(RETRY_AFTER_SECONDS),
  })
  return reply.send(waitingPage())
}
