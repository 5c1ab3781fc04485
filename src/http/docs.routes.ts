import { randomBytes } from 'node:crypto'
import { fastify, type FastifyInstance } from 'fastify'
import { errorCatalogue } from '../platform/errors.ts'
import { errorsPage, PAGE_POLICY, PAGE_STYLE } from './docs-errors.ts'

const OPEN = { config: { permission: 'anyone' as const }, schema: { hide: true } }

/** `/docs` (the reference), `/docs/errors` (the codes). Everything comes from this server: the pages work offline and
 * under a policy that lets no other origin in. */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  let bundle: Promise<string> | undefined
  app.get('/docs', OPEN, (_req, reply) => {
    const nonce = randomBytes(16).toString('base64')
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': referencePolicy(nonce),
        'cache-control': 'no-store',
      })
      .send(referencePage(nonce))
  })
  app.get('/docs/reference.js', OPEN, async (_req, reply) => {
    // A failure is not kept: the next visitor tries again.
    bundle ??= readBundle().catch((error: unknown) => {
      bundle = undefined
      throw error
    })
    const script = await bundle
    return reply
      .headers({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=3600' })
      .send(script)
  })
  app.get('/docs/errors', OPEN, (_req, reply) =>
    reply
      .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY })
      .send(errorsPage(errorCatalogue())),
  )
  app.get('/docs/page.css', OPEN, (_req, reply) =>
    reply
      .headers({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600' })
      .send(PAGE_STYLE),
  )
}

/** The reference's bundle stands as a string of 4 MB inside the package's module and is only handed out by its own
 * plugin. So the package is loaded when somebody first opens the page, not at start, and asked once. */
async function readBundle(): Promise<string> {
  const { default: reference } = await import('@scalar/fastify-api-reference')
  const aside = fastify()
  await aside.register(reference, { routePrefix: '/docs', configuration: { url: '/api/openapi.json' } })
  const answer = await aside.inject('/docs/js/scalar.js')
  await aside.close()
  if (answer.statusCode !== 200) throw new Error(`the API reference answered ${answer.statusCode} for its own script`)
  return answer.body
}

/** The reference sets inline `style` attributes, which no nonce covers; scripts and sheets need the nonce. */
const referencePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

/** The way back to the site. The reference brings its own colours, so these follow the system alone. */
const BAR_STYLE =
  '.site-bar{display:flex;gap:1.25rem;padding:.75rem 1.25rem;font:14px/1.4 system-ui,sans-serif;background:Canvas}.site-bar a{color:LinkText}'

const referencePage = (nonce: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" nonce="${nonce}" content="${nonce}"><title>API reference · Bureau</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml"><style nonce="${nonce}">${BAR_STYLE}</style></head>
<body><nav class="site-bar" aria-label="Site"><a href="/">Bureau</a> <a href="/agents">Explore agents</a> <a href="/docs/errors">Error codes</a></nav><div id="app"></div><script nonce="${nonce}" src="/docs/reference.js"></script>
<script nonce="${nonce}">Scalar.createApiReference('#app', ${JSON.stringify({
  url: '/api/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  // On 127.0.0.1 it would offer to hand this API to its maker's services.
  showDeveloperTools: 'never',
})})</script></body></html>`
