import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { idText, pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import { originOf } from '../request-origin.ts'
import { createTeam, listAccounts, presentAccount } from './accounts.ts'
import { accountView, joinCursor, memberView, newAccount, roleChange } from './accounts.schema.ts'
import { changeRole, listMembers, presentMember, removeMember, type MembersDeps } from './members.ts'

const session = { config: { permission: 'session' as const } }
const params = z.object({ id: idText })

/** Accounts of a person, and the members of the one their session acts for. */
export const accountsRoutes =
  (deps: MembersDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/accounts',
      {
        ...session,
        schema: {
          tags: ['accounts'],
          summary: 'List your accounts',
          querystring: pageQuery,
          response: { 200: pageOf(accountView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, joinCursor, accountView)
        const rows = await listAccounts(deps, req.principal, page)
        return presentPage(page, rows, presentAccount(req.principal.accountId), (row) => [row.createdAt, row.id])
      },
    )
    app.post(
      '/api/accounts',
      {
        ...session,
        schema: {
          tags: ['accounts'],
          summary: 'Make an account for a team',
          body: newAccount,
          response: { 201: accountView },
        },
      },
      async (req, reply) => reply.code(201).send(await createTeam(deps, req.principal, req.body.name, originOf(req))),
    )
    app.get(
      '/api/members',
      {
        config: { permission: 'members.read' },
        schema: {
          tags: ['accounts'],
          summary: 'List members',
          querystring: pageQuery,
          response: { 200: pageOf(memberView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, joinCursor, memberView)
        const rows = await listMembers(deps, req.principal, page)
        return presentPage(page, rows, presentMember, (row) => [row.createdAt, row.userId])
      },
    )
    app.patch(
      '/api/members/:id',
      {
        config: { permission: 'members.write' },
        schema: {
          tags: ['accounts'],
          summary: "Change a member's role",
          params,
          body: roleChange,
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await changeRole(deps, req.principal, req.params.id, req.body.role, originOf(req))
        return reply.code(204).send()
      },
    )
    app.delete(
      '/api/members/:id',
      {
        ...session,
        schema: { tags: ['accounts'], summary: 'Remove a member, or leave', params, response: { 204: z.void() } },
      },
      async (req, reply) => {
        await removeMember(deps, req.principal, req.params.id, originOf(req))
        return reply.code(204).send()
      },
    )
  }
