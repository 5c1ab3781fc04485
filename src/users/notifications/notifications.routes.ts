import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import type { Database } from '../../platform/database.ts'
import { countUnread, findWishes, listNotifications, markRead, presentNotification, setWish } from './notifications.ts'
import { notificationCursor, notificationView, readOrder, wishesView, wishOrder } from './notifications.schema.ts'

const session = { config: { permission: 'session' as const } }

/** What somebody was told of, and how they want to be told. */
export const notificationsRoutes =
  (deps: { readonly db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/notifications',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'List what you were told of, newest first',
          description: 'In the account that you act for, and about yourself.',
          querystring: pageQuery,
          response: {
            200: pageOf(notificationView).extend({ unread: z.number().int().describe('Not read; counted to 100') }),
          },
        },
      },
      async (req) => {
        const page = readPage(req.query, notificationCursor, notificationView)
        const rows = await listNotifications(deps, req.principal, page)
        const unread = await countUnread(deps, req.principal)
        return { ...presentPage(page, rows, presentNotification, ({ id }) => ({ id })), unread }
      },
    )
    app.post(
      '/api/notifications/read',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Take notifications as read',
          body: readOrder,
          response: { 204: z.void().describe('They are read') },
        },
      },
      async (req, reply) => {
        await markRead(deps, req.principal, req.body.ids ?? null)
        return reply.code(204).send()
      },
    )
    app.get(
      '/api/notifications/settings',
      {
        ...session,
        schema: { tags: ['people'], summary: 'Get of what a mail comes too', response: { 200: wishesView } },
      },
      async (req) => ({ mail: await findWishes(deps, req.principal) }),
    )
    app.put(
      '/api/notifications/settings',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Say of what a mail comes too',
          body: wishOrder,
          response: { 200: wishesView },
        },
      },
      async (req) => {
        await setWish(deps, req.principal, req.body.kind, req.body.byMail)
        return { mail: await findWishes(deps, req.principal) }
      },
    )
  }
