import { createHash, randomBytes } from 'node:crypto'
import { send, type Answer, type RunSite } from './run-site.ts'

/** A browser of somebody without an account: pages of the site, and no session. */
export type Guest = {
  /** What the browser holds. */
  readonly cookies: Map<string, string>
  run(agentId: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  get(path: string): Promise<Answer>
  /** Any other request as a page of the site makes it. */
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

/** @param secret the site's NEXTAUTH_SECRET   @param address where the guest is, for a site that trusts this machine as
 * its proxy */
export function aGuest(site: Pick<RunSite, 'server'>, secret: string, address: string): Guest {
  const token = randomBytes(32).toString('hex')
  const hash = createHash('sha256').update(`${token}${secret}`).digest('hex')
  const cookies = new Map([['next-auth.csrf-token', encodeURIComponent(`${token}|${hash}`)]])
  const ask: Guest['ask'] = async (method, path, body, headers = {}) => {
    const answer = await send(new URL(path, site.server.url), {
      method,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-forwarded-for': address,
        'sec-fetch-site': 'same-origin',
        'x-csrf-token': token,
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return answer
  }
  return {
    cookies,
    ask,
    get: (path) => ask('GET', path),
    run: (agentId, body, headers) => ask('POST', `api/agents/${agentId}/run`, body, headers),
  }
}
