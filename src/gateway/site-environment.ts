import type { SignInProvider } from './sign-in-providers.ts'

/** What the site has to know, as variables: web/lib/environment.mjs reads them. Listed by hand, so that nothing else of the
 * operator's environment, the database's password above all, reaches the process that renders strangers' text. */
export type SiteEnvironment = {
  /** Where the site finds the API: this process, on the loopback interface. */
  readonly apiUrl: string
  /** BUREAU_URL, where it is set. */
  readonly publicUrl: string | undefined
  /** The secret in use first, then the old ones. */
  readonly secrets: readonly string[]
  readonly sessionDays: number
  readonly providers: readonly SignInProvider[]
}

export function siteEnvironment(facts: SiteEnvironment): Readonly<Record<string, string>> {
  const [secret = '', ...old] = facts.secrets
  return {
    BUREAU_API_URL: facts.apiUrl,
    NEXTAUTH_SECRET: secret,
    BUREAU_OLD_SECRETS: old.join(' '),
    BUREAU_SIGN_IN_PROVIDERS: JSON.stringify(facts.providers),
    BUREAU_SESSION_DAYS: String(facts.sessionDays),
    ...(facts.publicUrl === undefined ? {} : { NEXTAUTH_URL: facts.publicUrl, BUREAU_URL: facts.publicUrl }),
    // The forwarded headers that reach the site are the gateway's own.
    AUTH_TRUST_HOST: '1',
  }
}
