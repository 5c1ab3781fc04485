import { z } from 'zod'
import { linkTokenText } from '../people/people.schema.ts'
import { MEMBER_ROLES } from '../principal.ts'
import { emailText, nameText } from '../users.schema.ts'

const role = z.enum(MEMBER_ROLES)

export const newAccount = z.strictObject({ name: nameText(100) })
export const accountView = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  kind: z.enum(['personal', 'team', 'platform']),
  role,
  isCurrent: z.boolean().describe('The session acts for it'),
})
export type AccountView = z.infer<typeof accountView>

/** In the order of joining; the id decides between two of one moment. */
export const joinCursor = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.string()])
export type JoinCursor = z.infer<typeof joinCursor>

export const memberView = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  hasTwoFactor: z.boolean(),
  joinedAt: z.iso.datetime(),
})
export type MemberView = z.infer<typeof memberView>

export const roleChange = z.strictObject({ role })

export const newInvitation = z.strictObject({ email: emailText, role })
export type NewInvitation = z.infer<typeof newInvitation>

export const invitationView = z.object({
  id: z.string(),
  email: z.string(),
  role,
  invitedBy: z.string(),
  expiresAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
})
export type InvitationView = z.infer<typeof invitationView>

export const invitationToken = z.strictObject({ token: linkTokenText })
export const invitationOffer = z.object({
  accountName: z.string(),
  inviter: z.string().nullable(),
  email: z.string(),
  role,
  expiresAt: z.iso.datetime(),
})
export type InvitationOffer = z.infer<typeof invitationOffer>
export const joinedAccount = z.object({ accountId: z.string(), role })
export type JoinedAccount = z.infer<typeof joinedAccount>
