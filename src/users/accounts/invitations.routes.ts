import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { idText, pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import { originOf } from '../request-origin.ts'
import {
  invitationOffer,
  invitationToken,
  invitationView,
  joinCursor,
  joinedAccount,
  newInvitation,
} from './accounts.schema.ts'
import {
  acceptInvitation,
  declineInvitation,
  findOffer,
  invite,
  listInvitations,
  presentInvitation,
  revokeInvitation,
  type InvitationsDeps,
} from './invitations.ts'

const anyone = { config: { permission: 'anyone' as const } }
const session = { config: { permission: 'session' as const } }
const members = (permission: 'members.read' | 'members.write') => ({ config: { permission } })

/** Invitations into an account: made by its owners and admins, answered by whoever has the link. */
export const invitationsRoutes =
  (deps: InvitationsDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/invitations',
      {
        ...members('members.read'),
        schema: {
          tags: ['accounts'],
          summary: 'List open invitations',
          querystring: pageQuery,
          response: { 200: pageOf(invitationView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, joinCursor, invitationView)
        const rows = await listInvitations(deps, req.principal, page)
        return presentPage(page, rows, presentInvitation, (row) => [row.createdAt, row.id])
      },
    )
    app.post(
      '/api/invitations',
      {
        ...members('members.write'),
        schema: {
          tags: ['accounts'],
          summary: 'Invite somebody',
          body: newInvitation,
          response: { 201: invitationView },
        },
      },
      async (req, reply) => {
        const row = await invite(deps, req.principal, req.body, originOf(req))
        return reply.code(201).send(presentInvitation(row))
      },
    )
    app.delete(
      '/api/invitations/:id',
      {
        ...members('members.write'),
        schema: {
          tags: ['accounts'],
          summary: 'Take an invitation back',
          params: z.object({ id: idText }),
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await revokeInvitation(deps, req.principal, req.params.id, originOf(req))
        return reply.code(204).send()
      },
    )
    app.post(
      '/api/invitations/offer',
      {
        ...anyone,
        schema: {
          tags: ['accounts'],
          summary: 'What a link invites to',
          body: invitationToken,
          response: { 200: invitationOffer },
        },
      },
      (req) => findOffer(deps, req.body.token),
    )
    app.post(
      '/api/invitations/accept',
      {
        ...session,
        schema: {
          tags: ['accounts'],
          summary: 'Join by a link',
          body: invitationToken,
          response: { 200: joinedAccount },
        },
      },
      (req) => acceptInvitation(deps, req.principal, req.body.token, originOf(req)),
    )
    app.post(
      '/api/invitations/decline',
      {
        ...anyone,
        schema: { tags: ['accounts'], summary: 'Say no by a link', body: invitationToken, response: { 204: z.void() } },
      },
      async (req, reply) => {
        await declineInvitation(deps, req.body.token, originOf(req))
        return reply.code(204).send()
      },
    )
  }
