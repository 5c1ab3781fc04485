import { z } from 'zod'
import { givenPassword } from '../people/people.schema.ts'
import { codeText } from '../sessions/sessions.schema.ts'

export const passwordOrder = z.strictObject({ password: givenPassword })
export const codeOrder = z.strictObject({ code: codeText })
export const confirmedOrder = z.strictObject({ password: givenPassword, code: codeText })
export type ConfirmedOrder = z.infer<typeof confirmedOrder>

export const twoFactorView = z.object({ isOn: z.boolean(), recoveryCodesLeft: z.int() })
export type TwoFactorView = z.infer<typeof twoFactorView>

export const offeredSecret = z.object({
  secret: z.string().describe('To type into an authenticator. Shown this once'),
  uri: z.string().describe('The same for its camera, as a QR code'),
})
export type OfferedSecret = z.infer<typeof offeredSecret>

export const recoveryCodes = z.object({
  recoveryCodes: z.array(z.string()).describe('Each works once. Shown this once'),
})
