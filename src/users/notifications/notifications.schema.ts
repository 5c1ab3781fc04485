import { z } from 'zod'

/** What one may be told of. Strings for life: they stand in rows. */
export const NOTIFICATION_KINDS = ['run_ended', 'credits_low', 'agent_failing', 'invitation', 'new_session'] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]

/** Of these a mail comes too, if one wishes; here is what holds for who never said. An invitation has a mail anyway. */
export const BY_MAIL = {
  run_ended: false,
  credits_low: true,
  agent_failing: true,
  new_session: true,
} as const satisfies Partial<Record<NotificationKind, boolean>>
export type MailKind = keyof typeof BY_MAIL
export const mailKind = z.enum(['run_ended', 'credits_low', 'agent_failing', 'new_session'])

/** The facts of each kind, from which pages and mails make their words. */
export const notificationData = {
  run_ended: z.object({ runId: z.string(), agent: z.string(), status: z.string(), charge: z.string() }),
  credits_low: z.object({ available: z.string(), spent: z.string() }),
  agent_failing: z.object({ agent: z.string(), address: z.string(), failed: z.number(), runs: z.number() }),
  invitation: z.object({ account: z.string(), inviter: z.string(), role: z.string() }),
  new_session: z.object({ address: z.string().nullable(), device: z.string().nullable() }),
} as const satisfies Record<NotificationKind, z.ZodType>

export const notificationView = z.object({
  id: z.uuid(),
  kind: z.enum(NOTIFICATION_KINDS),
  account: z.object({ id: z.string(), name: z.string() }).nullable().describe('Null: about the person, in any account'),
  data: z.record(z.string(), z.unknown()).describe('The facts of this kind'),
  createdAt: z.iso.datetime(),
  readAt: z.iso.datetime().nullable(),
})
export type NotificationView = z.infer<typeof notificationView>

export const notificationCursor = z.object({ id: z.uuid() })
export type NotificationCursor = z.infer<typeof notificationCursor>

export const readOrder = z
  .object({ ids: z.array(z.uuid()).max(200).optional() })
  .prefault({})
  .describe('Those of these ids; all without')
export const wishesView = z.object({
  mail: z.object({
    run_ended: z.boolean(),
    credits_low: z.boolean(),
    agent_failing: z.boolean(),
    new_session: z.boolean(),
  }),
})
export const wishOrder = z.object({ kind: mailKind, byMail: z.boolean() })
