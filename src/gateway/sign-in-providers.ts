import type { Parsed } from '../platform/config.ts'
import type { gatewayOptions } from './gateway.options.ts'

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
export function signInProviders(options: Parsed<typeof gatewayOptions>): SignInProvider[] {
  return [
    ...providerOf(
      { id: 'oidc', name: options.oidcName },
      options.oidcClientId,
      options.oidcClientSecret,
      options.oidcIssuer,
    ),
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

/** Half a provider would be one that silently is not offered. */
export function problemsOfProviders(options: Parsed<typeof gatewayOptions>): string[] {
  const { githubId, githubSecret, googleId, googleSecret, oidcIssuer, oidcClientId, oidcClientSecret } = options
  const all = [
    { GITHUB_ID: githubId, GITHUB_SECRET: githubSecret },
    { GOOGLE_CLIENT_ID: googleId, GOOGLE_CLIENT_SECRET: googleSecret },
    { OIDC_ISSUER: oidcIssuer, OIDC_CLIENT_ID: oidcClientId, OIDC_CLIENT_SECRET: oidcClientSecret },
  ]
  return all.flatMap((variables) => {
    const missing = Object.entries(variables).filter(([, value]) => value === undefined)
    if (missing.length === 0 || missing.length === Object.keys(variables).length) return []
    return missing.map(
      ([name]) =>
        `${name}: must be set together with ${Object.keys(variables)
          .filter((other) => other !== name)
          .join(' and ')}`,
    )
  })
}
