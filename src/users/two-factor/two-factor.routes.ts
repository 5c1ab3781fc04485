import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { originOf } from '../request-origin.ts'
import {
  confirmTwoFactor,
  disableTwoFactor,
  getTwoFactor,
  offerTwoFactor,
  renewRecoveryCodes,
  type TwoFactorDeps,
} from './two-factor.ts'
import {
  codeOrder,
  confirmedOrder,
  offeredSecret,
  passwordOrder,
  recoveryCodes,
  twoFactorView,
} from './two-factor.schema.ts'

const session = { config: { permission: 'session' as const } }

/** A second factor: codes of an authenticator, and recovery codes for the day it is lost. */
export const twoFactorRoutes =
  (deps: TwoFactorDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/two-factor',
      { ...session, schema: { tags: ['people'], summary: 'Is two-factor on?', response: { 200: twoFactorView } } },
      (req) => getTwoFactor(deps, req.principal),
    )
    app.post(
      '/api/two-factor',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Begin to set two-factor up',
          body: passwordOrder,
          response: { 201: offeredSecret },
        },
      },
      async (req, reply) => {
        const offered = await offerTwoFactor(deps, req.principal, req.body.password)
        return reply.code(201).header('cache-control', 'no-store').send(offered)
      },
    )
    app.post(
      '/api/two-factor/confirm',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Switch two-factor on',
          body: codeOrder,
          response: { 200: recoveryCodes },
        },
      },
      async (req, reply) => {
        const codes = await confirmTwoFactor(deps, req.principal, req.body.code, originOf(req))
        return reply.header('cache-control', 'no-store').send({ recoveryCodes: [...codes] })
      },
    )
    app.post(
      '/api/two-factor/disable',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Switch two-factor off',
          body: confirmedOrder,
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await disableTwoFactor(deps, req.principal, req.body, originOf(req))
        return reply.code(204).send()
      },
    )
    app.post(
      '/api/two-factor/recovery-codes',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Make new recovery codes',
          body: confirmedOrder,
          response: { 200: recoveryCodes },
        },
      },
      async (req, reply) => {
        const codes = await renewRecoveryCodes(deps, req.principal, req.body, originOf(req))
        return reply.header('cache-control', 'no-store').send({ recoveryCodes: [...codes] })
      },
    )
  }
