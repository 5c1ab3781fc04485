import { z } from 'zod'
import { MEMBER_ROLES, PERMISSIONS } from '../principal.ts'
import { emailText, nameText } from '../users.schema.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './weak-passwords.ts'

/** A password to be set: how it is judged beyond its length stands in weak-passwords.ts. */
export const newPassword = z.string().min(MIN_PASSWORD_LENGTH).max(MAX_PASSWORD_LENGTH)
/** A password to be compared. */
export const givenPassword = z.string().min(1).max(MAX_PASSWORD_LENGTH)

export const linkTokenText = z.string().min(1).max(128).describe('`token` of the link in the mail')

export const registration = z.strictObject({ email: emailText, name: nameText(100), password: newPassword })
export type RegistrationOrder = z.infer<typeof registration>

export const forAddress = z.strictObject({ email: emailText })
export const withToken = z.strictObject({ token: linkTokenText })
export const passwordReset = z.strictObject({ token: linkTokenText, password: newPassword })
export type PasswordResetOrder = z.infer<typeof passwordReset>
export const passwordChange = z.strictObject({ password: givenPassword, newPassword })
export type PasswordChange = z.infer<typeof passwordChange>
export const profileChange = z.strictObject({ name: nameText(100) })

/** The answer of whatever sends a mail: the same for every address. */
export const mailSent = z.object({ status: z.literal('mail_sent') })

export const verifiedPerson = z.object({ userId: z.string(), accountId: z.string(), email: z.string() })
export type VerifiedPerson = z.infer<typeof verifiedPerson>

export const meView = z.object({
  user: z.object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    hasPassword: z.boolean(),
    hasTwoFactor: z.boolean(),
    createdAt: z.iso.datetime(),
  }),
  account: z.object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    kind: z.enum(['personal', 'team', 'platform']),
    role: z.enum(MEMBER_ROLES),
  }),
  permissions: z.array(z.enum(PERMISSIONS)),
  sessionId: z.string(),
})
export type MeView = z.infer<typeof meView>
