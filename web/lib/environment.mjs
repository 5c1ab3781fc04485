/** The one place where the site reads its environment. The gateway writes it when it starts the site
 * (src/gateway/site-environment.ts); whoever runs the site elsewhere sets the same. */

/** The state of the sources that is built or served. */
export const siteBuild = () => process.env.BUREAU_SITE_BUILD

/** Where the API is. */
export const apiUrl = () => needed('BUREAU_API_URL')

/** The address under which people reach this site, where the operator has set it. */
export const publicUrl = () => process.env.BUREAU_URL || undefined

/** The secret in use first, then those before it. */
export const secrets = () => [
  needed('NEXTAUTH_SECRET'),
  ...(process.env.BUREAU_OLD_SECRETS ?? '').split(' ').filter(Boolean),
]

/** Other sites by which people sign in here: JSON, as src/gateway/sign-in-providers.ts makes it. */
export const signInProviders = () => process.env.BUREAU_SIGN_IN_PROVIDERS || '[]'

/** How long a browser stays signed in. */
export const sessionDays = () => Number(process.env.BUREAU_SESSION_DAYS ?? 30)

function needed(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: the site needs what src/gateway/site-environment.ts lists`)
  return value
}
