import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { originOf } from '../request-origin.ts'
import { changePassword } from './change-password.ts'
import type { PeopleDeps } from './people.deps.ts'
import {
  forAddress,
  mailSent,
  passwordChange,
  passwordReset,
  profileChange,
  registration,
  verifiedPerson,
  withToken,
} from './people.schema.ts'
import { registerPerson, resendVerification, verifyEmail } from './register-person.ts'
import { renamePerson } from './rename-person.ts'
import { requestPasswordReset, resetPassword } from './reset-password.ts'

const anyone = { config: { permission: 'anyone' as const } }
const session = { config: { permission: 'session' as const } }
const sent = { status: 'mail_sent' as const }

/** Becoming a person here, and getting back in. Whatever is asked for by address answers the same for every address. */
export const peopleRoutes =
  (deps: PeopleDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/api/users',
      { ...anyone, schema: { tags: ['people'], summary: 'Register', body: registration, response: { 202: mailSent } } },
      async (req, reply) => {
        await registerPerson(deps, req.body, originOf(req))
        return reply.code(202).send(sent)
      },
    )
    app.post(
      '/api/users/verification-mail',
      {
        ...anyone,
        schema: {
          tags: ['people'],
          summary: 'Send the link of a registration again',
          body: forAddress,
          response: { 202: mailSent },
        },
      },
      async (req, reply) => {
        await resendVerification(deps, req.body.email, originOf(req))
        return reply.code(202).send(sent)
      },
    )
    app.post(
      '/api/users/verification',
      {
        ...anyone,
        schema: {
          tags: ['people'],
          summary: 'Confirm an address by its link',
          body: withToken,
          response: { 201: verifiedPerson },
        },
      },
      async (req, reply) => {
        const person = await verifyEmail(deps, req.body.token, originOf(req))
        return reply.code(201).send(person)
      },
    )
    app.post(
      '/api/users/password-mail',
      {
        ...anyone,
        schema: {
          tags: ['people'],
          summary: 'Send a link to set a new password',
          body: forAddress,
          response: { 202: mailSent },
        },
      },
      async (req, reply) => {
        await requestPasswordReset(deps, req.body.email, originOf(req))
        return reply.code(202).send(sent)
      },
    )
    app.post(
      '/api/users/password',
      {
        ...anyone,
        schema: {
          tags: ['people'],
          summary: 'Set a new password by its link',
          body: passwordReset,
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await resetPassword(deps, req.body, originOf(req))
        return reply.code(204).send()
      },
    )
    app.put(
      '/api/me/password',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Change your password',
          body: passwordChange,
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await changePassword(deps, req.principal, req.body, originOf(req))
        return reply.code(204).send()
      },
    )
    app.patch(
      '/api/me',
      {
        ...session,
        schema: { tags: ['people'], summary: 'Change your name', body: profileChange, response: { 204: z.void() } },
      },
      async (req, reply) => {
        await renamePerson(deps, req.principal, req.body.name, originOf(req))
        return reply.code(204).send()
      },
    )
  }
