import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { aBrowserSite, pageComes, siteProcessOf, type BrowserSite } from '../../test/support/browser-site.ts'
import { isMissing } from '../../test/support/capabilities.ts'
import { eventually } from '../../test/support/eventually.ts'
import { send } from '../../test/support/run-site.ts'

let site: BrowserSite

/** What is answered to whoever connects here and writes another Host; `fetch` does not let one. */
const underHost = (host: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(new URL(path, site.server.url), { headers: { host, accept: 'text/html' } }, (answer) => {
      const head = JSON.stringify(answer.headers)
      text(answer).then((body) => resolve(head + body), reject)
    })
    sent.on('error', reject).end()
  })
const get = (path: string, headers: Record<string, string> = {}) =>
  send(new URL(path, site.origin), { headers: { accept: 'text/html', ...headers }, redirect: 'manual' })

describe.skipIf(isMissing('chromium'))('the site beside the API', () => {
  beforeAll(async () => {
    site = await aBrowserSite()
  })

  test('a visitor sees the page, and its policy refuses nothing of it', async () => {
    const { page, violations } = await site.visitor()
    const failures: string[] = []
    page.on('pageerror', (error) => failures.push(error.message))
    const answer = await page.goto(`${site.origin}/`)
    expect(answer?.status()).toBe(200)
    await comesAlive(page)
    expect(await page.title()).toMatch(/Bureau/)
    expect({ violations, failures }).toEqual({ violations: [], failures: [] })
  })

  test('a public page is rendered once for all, compressed, and not sent again to who has it', async () => {
    const first = await get('/', { 'accept-encoding': 'br' })
    expect(first.headers.get('content-encoding')).toBe('br')
    const policy = first.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/script-src http:\/\/127\.0\.0\.1:\d+\/_next\/static\/ 'sha256-/)
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/)
    const again = await get('/')
    // The very render: another one would have another nonce for its styles.
    expect(again.headers.get('content-security-policy')).toBe(policy)
    const etag = first.headers.get('etag') ?? ''
    expect((await get('/', { 'if-none-match': etag })).status).toBe(304)
  })

  test('a script that somebody plants in a page does not run', async () => {
    const { page, violations } = await site.visitor()
    await page.goto(`${site.origin}/`)
    await page.evaluate(`{
      const planted = document.createElement('script')
      planted.textContent = 'window.stolen = true'
      const attribute = document.createElement('div')
      attribute.innerHTML = '<img src="/nothing.png" onerror="window.stolen = true">'
      const file = document.createElement('script')
      file.src = '/api/openapi.json'
      document.body.append(planted, attribute, file)
    }`)
    await expect.poll(() => violations.length).toBeGreaterThanOrEqual(3)
    expect(violations).toContain(`script-src-elem ${site.origin}/api/openapi.json ${site.origin}/`)
    violations.length = 0
    expect(await page.evaluate('window.stolen')).toBeUndefined()
  })

  test('files of the build are compressed and kept for good; what is not of it is not found', async () => {
    const [, path = ''] = /src="(\/_next\/static\/[^"]+\.js)"/.exec((await get('/')).text) ?? []
    const file = await get(path, { 'accept-encoding': 'gzip, br' })
    expect(file.status).toBe(200)
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(file.headers.get('content-encoding')).toBe('br')
    for (const other of ['chunks/none.js', '..%2f..%2fserve.mjs', '%2e%2e/BUILD_ID', 'chunks'])
      expect((await get(`/_next/static/${other}`)).status).toBe(404)
  })

  test.each([
    '/api/nothing',
    '/api/auth/nothing',
    '/api/auth',
    '/docs/nothing',
    '/metrics/x',
    '/.well-known/x',
    '/API/x',
  ])('%s is nothing of the site: the coded 404 answers', async (path) => {
    expect((await get(path)).body).toMatchObject({ code: 'ROUTE_NOT_FOUND', status: 404 })
  })

  test('no page may be framed, sniffed or told where its visitor came from', async () => {
    const { headers } = await get('/')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect(headers.get('x-powered-by')).toBeNull()
  })

  test('links and redirects name the address that was connected to, never the Host that a stranger wrote', async () => {
    const answer = await get('/api/auth/providers', {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    })
    expect(answer.text).toContain(`${site.origin}/api/auth/signin/credentials`)
    expect(answer.text).not.toContain('evil.example')
    // The Host itself, with the port that this server has: for one visitor, and for a page that is kept for all.
    for (const path of ['/api/auth/providers', '/api/auth/signin', '/', '/agents?q=host', '/home'])
      expect(await underHost(`evil.example:${site.server.url.port}`, path), path).not.toContain('evil.example')
  })

  test('somebody signs in, is known by cookie, and is out within a second when the session is ended elsewhere', async () => {
    const person = await site.aPerson()
    const [here, there] = [await site.visitor(), await site.visitor()]
    expect(await here.signIn({ ...person, password: 'something else entirely' })).toBe('CREDENTIALS_INVALID')
    expect(await here.signIn(person)).toBeNull()
    expect(await there.signIn(person)).toBeNull()
    const me = async () => (await there.context.request.get(`${site.origin}/api/me`)).json()
    const { sessionId }: { sessionId: string } = await me()
    await here.page.goto(`${site.origin}/`)
    // As a page does it: the token is read from where only this origin can, the browser says the rest.
    const status = await here.page.evaluate(`fetch('/api/auth/csrf')
      .then((answer) => answer.json())
      .then(({ csrfToken }) => fetch('/api/sessions/${sessionId}', { method: 'DELETE', headers: { 'x-csrf-token': csrfToken } }))
      .then(({ status }) => status)`)
    expect(status).toBe(204)
    await eventually(async () => expect(await me()).toMatchObject({ code: 'SESSION_REVOKED' }), { withinMs: 1_000 })
    // The site takes the cookie away.
    expect(await (await there.context.request.get(`${site.origin}/api/auth/session`)).json()).toEqual({})
    expect((await there.context.cookies()).map(({ name }) => name)).not.toContain('next-auth.session-token')
  })

  test('the cookie of a session says itself that no script and no other site may use it, whatever browsers take for granted', async () => {
    const { email, password } = await site.aPerson()
    const { request: client } = (await site.visitor()).context
    const { csrfToken }: { csrfToken: string } = await (await client.get(`${site.origin}/api/auth/csrf`)).json()
    const form = { email, password, csrfToken, json: 'true' }
    const answer = await client.post(`${site.origin}/api/auth/callback/credentials`, { form })
    // As it was sent: a browser lists a cookie without the attribute as Lax, and sends it along with a form while it is young.
    const sent = answer.headersArray().filter(({ name }) => name.toLowerCase() === 'set-cookie')
    const ours = sent.filter(({ value }) => value.startsWith('next-auth.session-token='))
    expect(ours).toHaveLength(1)
    expect(ours[0]?.value).toMatch(/; HttpOnly/i)
    expect(ours[0]?.value).toMatch(/; SameSite=Lax/i)
  })

  test('signing in gives a new session whatever cookie was planted before, and signing out ends it at the API', async () => {
    const [person, other] = [await site.aPerson(), await site.aPerson()]
    const attacker = await site.visitor()
    expect(await attacker.signIn(other)).toBeNull()
    const cookieOf = async (visitor: typeof attacker) =>
      (await visitor.context.cookies()).find(({ name }) => name === 'next-auth.session-token')
    const planted = await cookieOf(attacker)
    const victim = await site.visitor()
    if (planted !== undefined) await victim.context.addCookies([planted])
    type Me = { readonly sessionId: string; readonly user: { readonly email: string } }
    const me = async (visitor: typeof attacker): Promise<Me> =>
      (await visitor.context.request.get(`${site.origin}/api/me`)).json()
    const before = await me(attacker)
    expect(await me(victim)).toEqual(before)
    expect(await victim.signIn(person)).toBeNull()
    // A sealed cookie differs each time: what counts is the session in it, and whose it is.
    expect((await me(victim)).user.email).toBe(person.email)
    expect((await me(victim)).sessionId).not.toBe(before.sessionId)
    expect(await me(attacker)).toEqual(before)
    const own = await cookieOf(victim)
    expect(own).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    expect(own?.value).not.toBe(planted?.value)
    const { csrfToken }: { csrfToken: string } = await (
      await victim.context.request.get(`${site.origin}/api/auth/csrf`)
    ).json()
    await victim.context.request.post(`${site.origin}/api/auth/signout`, { form: { csrfToken, json: 'true' } })
    const asBefore = { cookie: `next-auth.session-token=${own?.value ?? ''}` }
    await eventually(async () => expect((await get('/api/me', asBefore)).status).toBe(401), { withinMs: 1_000 })
    // Each ends their own.
    expect(await me(attacker)).toEqual(before)
  })

  test('a page of whoever is signed in is theirs alone: a nonce of its own, and nobody keeps it', async () => {
    const visitor = await site.visitor()
    await visitor.signIn(await site.aPerson())
    const [first, second] = [await visitor.page.goto(`${site.origin}/`), await visitor.page.goto(`${site.origin}/`)]
    expect(first?.headers()['cache-control']).toBe('private, no-store')
    const nonceOf = (policy: string | undefined) =>
      /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(policy ?? '')?.[1]
    const nonces = [first, second].map((answer) => nonceOf(answer?.headers()['content-security-policy']))
    expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(nonces[0]).not.toBe(nonces[1])
    await comesAlive(visitor.page)
    expect(visitor.violations).toEqual([])
  })

  test('a site that dies is started again, and the API answers meanwhile', async () => {
    const pid = await siteProcessOf(site.server.pid)
    process.kill(pid, 'SIGKILL')
    // The public page may come from memory; one that is nobody's has to be rendered.
    await eventually(async () => expect((await get('/nowhere/at/all')).status).toBe(503), { withinMs: 5_000 })
    expect((await get('/api/health/live')).status).toBe(200)
    await eventually(async () => expect((await get('/nowhere/at/all')).status).toBe(404), { withinMs: 30_000 })
    expect(await siteProcessOf(site.server.pid)).not.toBe(pid)
  })

  test('killed with its parent: nothing of the site is left', async () => {
    const other = await aBrowserSite()
    await pageComes(other)
    const pid = await siteProcessOf(other.server.pid)
    await other.server.kill()
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), { withinMs: 5_000 })
  })
})

/** The scripts of the page ran: React has taken over what the site rendered. */
async function comesAlive(page: Page): Promise<void> {
  const isAlive = () => page.evaluate(`Object.keys(document.body).some((key) => key.startsWith('__react'))`)
  await eventually(async () => expect(await isAlive()).toBe(true), { withinMs: 20_000 })
}
