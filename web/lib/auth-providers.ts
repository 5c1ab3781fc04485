import 'server-only'
import type { OAuthConfig } from 'next-auth/providers/oauth'
import { z } from 'zod'
import { signInProviders } from './environment.mjs'

/** Another site by which one signs in here, as the operator has configured it (src/gateway/sign-in-providers.ts). */
const configured = z.array(
  z.object({
    id: z.enum(['github', 'google', 'oidc']),
    name: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    issuer: z.url().optional(),
  }),
)
type Configured = z.infer<typeof configured>[number]

/** What another site says of a person. `isEmailVerified` decides whether an account here may be linked to it. */
export type Identity = {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly isEmailVerified: boolean
}

const claims = z.object({
  sub: z.union([z.string(), z.number()]).transform(String),
  email: z.string().default(''),
  // Some issuers write "true".
  email_verified: z.union([z.boolean(), z.stringbool()]).catch(false).default(false),
  name: z.string().nullish(),
  preferred_username: z.string().nullish(),
})

const identityOf = (profile: unknown): Identity => {
  const said = claims.parse(profile)
  return {
    id: said.sub,
    email: said.email,
    name: said.name ?? said.preferred_username ?? said.email,
    isEmailVerified: said.email_verified && said.email !== '',
  }
}

/** Providers for NextAuth. Each checks state, and PKCE and nonce where it can. */
export function authProviders(): OAuthConfig<unknown>[] {
  return configured.parse(JSON.parse(signInProviders())).map(providerOf)
}

function providerOf({ id, name, clientId, clientSecret, issuer }: Configured): OAuthConfig<unknown> {
  const common = { id, name, type: 'oauth', clientId, clientSecret, profile: identityOf } as const
  // The one of the three that speaks OAuth without OpenID Connect.
  if (id === 'github') {
    return {
      ...common,
      authorization: { url: 'https://github.com/login/oauth/authorize', params: { scope: 'read:user user:email' } },
      token: 'https://github.com/login/oauth/access_token',
      userinfo: { request: ({ tokens }) => readGitHub(tokens.access_token ?? '') },
      checks: ['state'],
    }
  }
  const at = id === 'google' ? 'https://accounts.google.com' : (issuer?.replace(/\/+$/, '') ?? '')
  return {
    ...common,
    wellKnown: `${at}/.well-known/openid-configuration`,
    authorization: { params: { scope: 'openid email profile' } },
    // Its signature, issuer, audience and nonce are checked whether or not the person is read from it.
    idToken: true,
    userinfo: {
      request: async ({ client, tokens }) => {
        const signed = claims.parse(payloadOf(tokens.id_token ?? ''))
        // By the specification an issuer tells address and name there and not in the token; many tell them in both.
        const told = signed.email === '' ? claims.parse(await client.userinfo(tokens.access_token ?? '')) : signed
        if (told.sub !== signed.sub) throw new Error('the issuer told of somebody else than it had signed in')
        const { sub, email, email_verified } = told
        return { sub, email, email_verified, name: told.name ?? told.preferred_username ?? email }
      },
    },
    checks: ['pkce', 'state', 'nonce'],
  }
}

/** What stands in a token whose signature NextAuth has checked. */
const payloadOf = (idToken: string): unknown =>
  JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString())

const gitHubUser = z.object({ id: z.number(), login: z.string(), name: z.string().nullish() })
const gitHubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** GitHub's profile shows an address that may be anybody's; the list of addresses says which are confirmed. */
async function readGitHub(token: string) {
  const read = async (path: string): Promise<unknown> => {
    const response = await fetch(`https://api.github.com${path}`, {
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'bureau' },
    })
    if (!response.ok) throw new Error(`GitHub answered ${response.status} for ${path}`)
    return response.json()
  }
  const user = gitHubUser.parse(await read('/user'))
  const primary = gitHubEmails.parse(await read('/user/emails')).find((one) => one.primary)
  return {
    sub: String(user.id),
    name: user.name ?? user.login,
    email: primary?.email ?? '',
    email_verified: primary?.verified ?? false,
  }
}
