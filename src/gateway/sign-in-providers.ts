import type { Parsed } from '../platform/config.ts'
import type { usersOptions } from '../users/index.ts'

/** Another site by which people sign in here. The site speaks with it (web/lib/auth-providers.ts). */
export type SignInProvider = {
  readonly id: 'github' | 'google' | 'oidc'
  /** What the button says. */
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly issuer?: string
}

/** Those that are configured, in the order in which they are offered. */
export function signInProviders(options: Parsed<typeof usersOptions>): SignInProvider[] {
  return [
    ...providerOf({ id: 'oidc', name: options.oidcName }, options.oidcId, options.oidcSecret, options.oidcIssuer),
    ...providerOf({ id: 'google', name: 'Google' }, options.googleId, options.googleSecret),
    ...providerOf({ id: 'github', name: 'GitHub' }, options.githubId, options.githubSecret),
  ]
}

function providerOf(
  named: Pick<SignInProvider, 'id' | 'name'>,
  clientId: string | undefined,
  clientSecret: string | undefined,
  issuer?: string,
): SignInProvider[] {
  if (clientId === undefined || clientSecret === undefined) return []
  return [{ ...named, clientId, clientSecret, ...(issuer === undefined ? {} : { issuer }) }]
}
