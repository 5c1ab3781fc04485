import { z } from 'zod'
import { defineJob, exponential } from '../jobs/index.ts'
import type { Database } from '../platform/database.ts'
import type { Keyring } from '../platform/keyring.ts'
import type { Mailer } from './mail/mailer.ts'

export type UsersJobDeps = {
  readonly db: Database
  readonly keyring: Keyring
  readonly mailer: Mailer
  /** The address of this site for links, once it is known: the configured one, or the one it listens on. */
  readonly siteUrl: Promise<string>
  /** The ledger, which people do not know. */
  readonly grantCredits: (order: {
    readonly accountId: string
    readonly amountMicro: bigint
    readonly operationId: string
  }) => Promise<unknown>
}

const id = z.string().min(1).max(64)

/** What happened to somebody's access, told to them so that they notice when it was not them. */
export const NOTICES = [
  'password_changed',
  'two_factor_enabled',
  'two_factor_disabled',
  'recovery_code_used',
  'identity_linked',
  'identity_unlinked',
] as const
export type Notice = (typeof NOTICES)[number]

/** Which mail, by ids: who gets it, and whether there is anything to send, is found out when it is sent. So the request
 * that asks for one does the same whether it knows the address or not, and no link stands in the queue. */
const mailOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('verify_email'), registrationId: id }),
  z.object({ kind: z.literal('verify_email_again'), email: z.email() }),
  z.object({ kind: z.literal('reset_password'), resetId: id }),
  z.object({ kind: z.literal('invitation'), invitationId: id }),
  z.object({ kind: z.literal('notice'), notice: z.enum(NOTICES), userId: id }),
  z.object({ kind: z.literal('notification'), notificationId: z.uuid() }),
])
export type MailOrder = z.infer<typeof mailOrder>

/** Ten attempts over some hours: longer than most mail servers are away. */
export const sendMailJob = defineJob<UsersJobDeps, MailOrder>(
  'send_mail',
  {
    payload: mailOrder,
    attempts: 10,
    backoff: exponential({ firstMs: 2_000, maxMs: 3_600_000 }),
    timeoutMs: 60_000,
    concurrency: 4,
  },
  () => import('./mail/send-mail.handler.ts'),
)

const welcome = z.object({
  accountId: id,
  amountMicro: z.string().regex(/^[1-9]\d{0,17}$/),
  /** Chosen with the order, so that a second delivery grants nothing. */
  operationId: z.uuid(),
})
export type WelcomeOrder = z.infer<typeof welcome>

/** The welcome credits of somebody who has just proven an address. */
export const grantWelcomeJob = defineJob<UsersJobDeps, WelcomeOrder>(
  'grant_welcome_credits',
  { payload: welcome, attempts: 20, backoff: exponential({ firstMs: 1_000, maxMs: 600_000 }), timeoutMs: 30_000 },
  () => import('./people/grant-welcome.handler.ts'),
)

/** Every minute: mails of what somebody was told of and has not read. */
export const mailNotificationsJob = defineJob<UsersJobDeps, Record<string, never>>(
  'mail_notifications',
  {
    payload: z.record(z.string(), z.never()),
    attempts: 3,
    backoff: exponential({ firstMs: 1_000, maxMs: 30_000 }),
    timeoutMs: 60_000,
    schedule: '* * * * *',
  },
  () => import('./notifications/mail-notifications.handler.ts'),
)

/** Hourly: what has ended is refused anyway; this only gives the space back. */
export const cleanUpPeopleJob = defineJob<UsersJobDeps, Record<string, never>>(
  'clean_up_people',
  {
    payload: z.record(z.string(), z.never()),
    attempts: 3,
    backoff: exponential({ firstMs: 5_000, maxMs: 60_000 }),
    timeoutMs: 300_000,
    schedule: '23 * * * *',
  },
  () => import('./people/clean-up-people.handler.ts'),
)
