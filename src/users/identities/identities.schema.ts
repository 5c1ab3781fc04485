import { z } from 'zod'
import { columnText } from '../../http/index.ts'
import { codeText } from '../sessions/sessions.schema.ts'
import { emailText, nameText } from '../users.schema.ts'

export const PROVIDERS = ['github', 'google', 'oidc'] as const
export type Provider = (typeof PROVIDERS)[number]
export const providerName = z.enum(PROVIDERS)

/** What the site has from the provider, over a channel that the provider authenticated. */
export const externalPerson = z.strictObject({
  provider: providerName,
  subject: columnText(255).pipe(z.string().min(1)).describe("The provider's own id of the person"),
  email: emailText,
  emailVerified: z.boolean().describe('The provider vouches for the address'),
  name: columnText(200).default(''),
})
export type ExternalPerson = z.infer<typeof externalPerson>

export const externalSignIn = externalPerson.extend({
  code: codeText.optional().describe('With two-factor: six digits of the authenticator, or a recovery code'),
  device: z.string().max(128).optional().describe('`device` of an earlier sign-in on this device'),
})
export type ExternalSignIn = z.infer<typeof externalSignIn>

export const authProviderView = z.object({ id: providerName, name: z.string() })
export type AuthProviderView = z.infer<typeof authProviderView>

export const identityView = z.object({
  provider: providerName,
  name: z.string().describe('How the provider is called here'),
  email: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
})
export type IdentityView = z.infer<typeof identityView>

/** A name for who has none that can stand in lists and mails: what stands before the address's @. */
export function nameOf({ name, email }: Pick<ExternalPerson, 'name' | 'email'>): string {
  const shown = nameText(100).safeParse(name.slice(0, 100))
  return shown.success ? shown.data : (email.split('@')[0] ?? 'Somebody').slice(0, 100)
}
