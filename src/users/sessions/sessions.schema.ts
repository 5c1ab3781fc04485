import { z } from 'zod'
import { idText } from '../../http/index.ts'
import { givenPassword } from '../people/people.schema.ts'
import { emailText } from '../users.schema.ts'
import { AUDIENCE_NAMES } from './client-tokens.ts'

/** Six digits, or a recovery code; spaces and dashes as people copy them. */
export const codeText = z
  .string()
  .max(40)
  .transform((text) => text.replaceAll(/[\s-]/g, '').toLowerCase())
  .pipe(z.string().regex(/^(\d{6}|[a-z2-7]{16})$/, { error: 'is neither six digits nor a recovery code' }))

export const signInOrder = z.strictObject({
  email: emailText,
  password: givenPassword,
  code: codeText.optional().describe('With two-factor: six digits of the authenticator, or a recovery code'),
  device: z.string().max(128).optional().describe('`device` of an earlier sign-in on this device'),
})
export type SignInOrder = z.infer<typeof signInOrder>

export const signedIn = z.object({
  token: z.string().describe('Send it as `Authorization: Bearer`. Shown this once'),
  sessionId: z.string(),
  expiresAt: z.iso.datetime(),
  device: z.string().describe('Send it with the next sign-in on this device: what others try does not delay it'),
  userId: z.string(),
  accountId: z.string().describe('The account that the session acts for'),
})
export type SignedIn = z.infer<typeof signedIn>

export const sessionView = z.object({
  id: z.string(),
  isCurrent: z.boolean(),
  accountId: z.string(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  device: z.string().describe('What the browser says it is, in words'),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().describe('To the minute'),
  expiresAt: z.iso.datetime(),
})
export type SessionView = z.infer<typeof sessionView>

export const sessionCursor = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.string()])
export type SessionCursor = z.infer<typeof sessionCursor>

export const tokenOrder = z.strictObject({
  audience: z.enum(AUDIENCE_NAMES).default('api').describe('`realtime`: for one socket, within a minute'),
})
export const issuedToken = z.object({ token: z.string(), tokenType: z.literal('Bearer'), expiresAt: z.iso.datetime() })
export type IssuedToken = z.infer<typeof issuedToken>

export const accountSwitch = z.strictObject({ accountId: idText })

export const jwksView = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      use: z.literal('sig'),
      alg: z.literal('EdDSA'),
    }),
  ),
})
