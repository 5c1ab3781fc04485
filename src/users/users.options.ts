import { z } from 'zod'
import { option } from '../platform/config.ts'

export const usersOptions = {
  registration: option('BUREAU_REGISTRATION', z.enum(['open', 'closed']).default('open'), {
    why: 'Whether strangers may make themselves an account. Closed: `bureau admin create` and the operator do.',
  }),
  sessionDays: option('BUREAU_SESSION_DAYS', z.coerce.number().int().min(1).max(400).default(30), {
    why: 'How long a person stays signed in. Revoking a session ends it within a second.',
    unit: 'days',
  }),
  smtpUrl: option(
    'SMTP_URL',
    z
      .string()
      .regex(/^smtps?:\/\//, 'must start with smtp:// or smtps://')
      .optional(),
    {
      why: 'Server that takes the mails, with user and password: smtps://user:password@mail.example.com. Without it they are written to BUREAU_DATA/mail, and admins read them in GET /api/mail.',
      secret: true,
    },
  ),
  mailFrom: option('BUREAU_MAIL_FROM', z.string().min(3).max(320).optional(), {
    why: 'Sender of the mails, such as Bureau <bureau@example.com>. Needed with SMTP_URL.',
  }),
  githubId: option('GITHUB_ID', z.string().min(1).optional(), {
    why: 'Client id of an OAuth app at GitHub, with GITHUB_SECRET: people may sign in by it. Callback: /api/auth/callback/github.',
  }),
  githubSecret: option('GITHUB_SECRET', z.string().min(1).optional(), {
    why: 'Secret of GITHUB_ID.',
    secret: true,
  }),
  googleId: option('GOOGLE_CLIENT_ID', z.string().min(1).optional(), {
    why: 'Client id at Google, with GOOGLE_CLIENT_SECRET: people may sign in by it. Callback: /api/auth/callback/google.',
  }),
  googleSecret: option('GOOGLE_CLIENT_SECRET', z.string().min(1).optional(), {
    why: 'Secret of GOOGLE_CLIENT_ID.',
    secret: true,
  }),
  oidcIssuer: option('OIDC_ISSUER', z.url({ protocol: /^https?$/ }).optional(), {
    why: 'Any other OpenID Connect issuer, with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET. Callback: /api/auth/callback/oidc.',
  }),
  oidcId: option('OIDC_CLIENT_ID', z.string().min(1).optional(), { why: 'Client id at OIDC_ISSUER.' }),
  oidcSecret: option('OIDC_CLIENT_SECRET', z.string().min(1).optional(), {
    why: 'Secret of OIDC_CLIENT_ID.',
    secret: true,
  }),
  oidcName: option('OIDC_NAME', z.string().min(1).max(40).default('Single sign-on'), {
    why: 'How the sign-in page calls OIDC_ISSUER.',
  }),
}
