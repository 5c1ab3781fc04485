import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import type { Database } from '../../platform/database.ts'
import { originOf } from '../request-origin.ts'
import { listMails } from './list-mails.ts'
import type { KeptMail, Mailer } from './mailer.ts'

const mailView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
})
const mailCursor = z.tuple([z.uuid()])

const presentMail = ({ id, at, to, subject, text }: KeptMail) => ({ id, at, to, subject, text })

/** The mails of a site that has no mail server. */
export const mailRoutes =
  (deps: { readonly db: Database; readonly mailer: Mailer }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/mail',
      {
        config: { permission: 'admin' },
        schema: {
          tags: ['operations'],
          summary: 'Mails that had no server to go to (admins only)',
          querystring: pageQuery,
          response: { 200: pageOf(mailView).extend({ delivery: z.enum(['smtp', 'files']) }) },
        },
      },
      async (req, reply) => {
        const page = readPage(req.query, mailCursor, mailView)
        const mails = await listMails(deps, req.principal, page, originOf(req))
        const shown = presentPage<KeptMail, [string], z.infer<typeof mailView>>(page, mails, presentMail, (mail) => [
          mail.id,
        ])
        return reply.header('cache-control', 'no-store').send({ ...shown, delivery: deps.mailer.delivery })
      },
    )
  }
