import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { freePort } from './bureau-process.ts'
import { atEndOfFile } from './each-file.ts'

/** Somebody who has an account at the provider. */
export type ProviderPerson = {
  readonly sub: string
  readonly name: string
  email: string
  email_verified: boolean
}

/** An OpenID provider with a sign-in page of its own, at another site than Bureau: `localhost` instead of `127.0.0.1`. It
 * tells address and name at its userinfo endpoint and not in the token, as the specification has it. */
export type OpenIdProvider = {
  readonly issuer: string
  /** What the operator sets. */
  readonly env: Readonly<Record<string, string>>
  /** Makes somebody an account there. */
  admit(person: ProviderPerson): ProviderPerson
  /** What went wrong inside. */
  readonly faults: string[]
  stop(): Promise<void>
}

const CLIENT = { id: 'bureau', secret: 'a secret of the client that is long enough' }

/** Starts it; it ends with the test file. */
export async function anOpenIdProvider(name = 'Harbour ID'): Promise<OpenIdProvider> {
  // Loaded here, because only the browser suite needs it.
  const { default: ProviderClass } = await import('oidc-provider')
  const people = new Map<string, ProviderPerson>()
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const provider = new ProviderClass(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        // Of a program on this machine, so that any port of the loopback interface is right (RFC 8252).
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/api/auth/callback/oidc'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of the cookies of the provider'] },
    ttl: { Session: 3_600, Grant: 3_600, Interaction: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    findAccount(_ctx, id) {
      const person = people.get(id)
      return person === undefined ? undefined : { accountId: id, claims: () => ({ ...person }) }
    },
    // Whoever signs in there lets Bureau know who they are.
    async loadExistingGrant(ctx) {
      const { client, session, result } = ctx.oidc
      const grant = new provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: result?.login?.accountId ?? session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  const faults: string[] = []
  provider.on('server_error', (_ctx, error) => faults.push(error.message))
  const serve = provider.callback()
  const server = createServer((req, res) => {
    if (!(req.url ?? '').startsWith('/interaction/')) return void serve(req, res)
    return void interact(provider, people, req, res).catch((error: unknown) => {
      faults.push(String(error))
      res.writeHead(500).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  atEndOfFile(stop)
  return {
    issuer,
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_NAME: name,
    },
    admit(person) {
      people.set(person.sub, person)
      return person
    },
    faults,
    stop,
  }
}

/** Its sign-in page: everybody who has an account there, and a way back without. */
async function interact(
  provider: Provider,
  people: ReadonlyMap<string, ProviderPerson>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method === 'GET') {
    const { prompt } = await provider.interactionDetails(req, res)
    // A program of the loopback interface has to be agreed to each time; who pressed their name has.
    if (prompt.name === 'consent')
      return provider.interactionFinished(req, res, { consent: {} }, { mergeWithLastSubmission: true })
    const buttons = [...people.values()].map(({ sub, name }) => `<button name="sub" value="${sub}">${name}</button>`)
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    res.end(
      `<!doctype html><title>Who are you?</title><h1>Who are you?</h1><form method="post">${buttons.join('')}<button name="sub" value="">Cancel</button></form>`,
    )
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(Buffer.from(chunk))
  const sub = new URLSearchParams(Buffer.concat(chunks).toString()).get('sub') ?? ''
  const result =
    sub === ''
      ? { error: 'access_denied', error_description: 'the person pressed Cancel' }
      : { login: { accountId: sub } }
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false })
}
