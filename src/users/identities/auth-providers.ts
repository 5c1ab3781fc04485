import type { PeopleOptions } from '../create-people.ts'
import type { AuthProviderView } from './identities.schema.ts'

type ProviderOptions = Pick<
  PeopleOptions,
  'githubId' | 'githubSecret' | 'googleId' | 'googleSecret' | 'oidcIssuer' | 'oidcId' | 'oidcSecret' | 'oidcName'
>

/** By whom people may sign in here: those that are configured whole. */
export function authProviders(options: ProviderOptions): AuthProviderView[] {
  const providers: AuthProviderView[] = []
  if (options.githubId !== undefined && options.githubSecret !== undefined)
    providers.push({ id: 'github', name: 'GitHub' })
  if (options.googleId !== undefined && options.googleSecret !== undefined)
    providers.push({ id: 'google', name: 'Google' })
  if (options.oidcIssuer !== undefined && options.oidcId !== undefined && options.oidcSecret !== undefined)
    providers.push({ id: 'oidc', name: options.oidcName })
  return providers
}

/** What would be half a provider: the sign-in page would lack it without a word. */
export function problemsOfProviders(options: ProviderOptions): string[] {
  const groups = [
    { GITHUB_ID: options.githubId, GITHUB_SECRET: options.githubSecret },
    { GOOGLE_CLIENT_ID: options.googleId, GOOGLE_CLIENT_SECRET: options.googleSecret },
    { OIDC_ISSUER: options.oidcIssuer, OIDC_CLIENT_ID: options.oidcId, OIDC_CLIENT_SECRET: options.oidcSecret },
  ]
  return groups.flatMap((group) => {
    const missing = Object.entries(group).filter(([, value]) => value === undefined)
    const isHalf = missing.length > 0 && missing.length < Object.keys(group).length
    return isHalf
      ? missing.map(
          ([name]) =>
            `${name}: must be set with ${Object.keys(group)
              .filter((other) => other !== name)
              .join(' and ')}`,
        )
      : []
  })
}
