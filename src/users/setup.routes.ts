import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { escapeHtml, page, PAGE_POLICY } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { isSetupLinkOpen, redeemSetupLink } from './setup-links.ts'
import { usersErrors } from './users.errors.ts'

const params = z.object({ token: z.string().max(100) })

/** The page behind `bureau admin create`: a button, because a link that acts when it is opened is used up by the first
 * mail program that previews it. */
export const setupRoutes =
  (deps: { readonly db: Database }, options: { readonly url?: string | undefined }): FastifyPluginAsyncZod =>
  async (app) => {
    // The button sends a form without fields; nothing in it is read.
    app.addContentTypeParser('application/x-www-form-urlencoded', { bodyLimit: 1024 }, (_req, payload, done) => {
      payload.resume()
      payload.on('end', () => done(null, undefined))
    })
    app.get(
      '/setup/:token',
      { config: { permission: 'anyone' }, schema: { params, hide: true } },
      async (req, reply) => {
        if (!(await isSetupLinkOpen(deps, req.params.token)))
          return sendPage(reply.code(410), 'This link does not work any more', INVALID)
        return sendPage(
          reply,
          'Become the admin',
          '<h1>Become the admin</h1><p>The link works once. It gives you an API key with every permission.</p>' +
            `<form method="post" action="/setup/${escapeHtml(req.params.token)}"><button>Show my key</button></form>`,
        )
      },
    )
    app.post(
      '/setup/:token',
      { config: { permission: 'anyone' }, schema: { params, hide: true } },
      async (req, reply) => {
        refuseOtherSites(req, options.url)
        const wantsPage = (req.headers.accept ?? '').includes('text/html')
        const created = await redeemSetupLink(deps, req.params.token, { requestId: req.id, address: req.ip })
        if (!wantsPage) return reply.header('cache-control', 'no-store').send(created)
        return sendPage(
          reply,
          'Your key',
          `<h1>Your key</h1><p>It is shown this once. Keep it where you keep passwords.</p><code>${escapeHtml(created.key)}</code>` +
            '<p>Send it as <b>Authorization: Bearer …</b>; the <a href="/docs">reference</a> shows what with.</p>',
        )
      },
    )
  }

const INVALID =
  '<h1>This link does not work any more</h1><p>It was used, has expired, or never existed. Make another with <b>bureau admin create</b>.</p>'

function sendPage(reply: FastifyReply, title: string, body: string): FastifyReply {
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'cache-control': 'no-store',
    })
    .send(page(title, body))
}

/** The token in the path is the credential, so another site cannot guess its way here; this also stops one that learned it.
 * Without an Origin it is not a browser's form. */
function refuseOtherSites(req: FastifyRequest, url: string | undefined): void {
  const { origin } = req.headers
  if (origin === undefined) return
  const own = url === undefined ? `${req.protocol}://${req.host}` : new URL(url).origin
  if (origin !== own) throw usersErrors.ORIGIN_FORBIDDEN()
}
