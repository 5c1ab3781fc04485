import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity, Type } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { expect, test } from 'vitest'
import { aBrowserSite } from '../../test/support/browser-site.ts'
import { eventually } from '../../test/support/eventually.ts'
import { aTlsProxy } from '../../test/support/tls-proxy.ts'

const proxy = await aTlsProxy()
const site = await aBrowserSite({ BUREAU_URL: proxy.origin, BUREAU_TRUSTED_PROXIES: '127.0.0.1/32' })
proxy.to(site.server.url)

/** As the client of a person behind the proxy. */
const asked = async (path: string, headers: Record<string, string> = {}) => {
  const { context } = await site.visitor()
  return context.request.get(proxy.origin + path, { headers, maxRedirects: 0 })
}

test('behind TLS a person signs in, changes something and hears of it, by cookies that only an encrypted page can set', async () => {
  const person = await site.aPerson()
  const visitor = await site.visitor()
  const { page, context } = visitor
  const sockets: string[] = []
  page.on('websocket', (socket) => socket.on('framereceived', () => void sockets.push(socket.url())))
  await page.goto(`${proxy.origin}/sign-in?next=%2Faccount`)
  await page.getByLabel('E-mail address').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${proxy.origin}/account`)
  const cookies = await context.cookies()
  expect(cookies.map(({ name }) => name).toSorted()).toEqual([
    '__Host-bureau.device',
    '__Host-next-auth.csrf-token',
    '__Secure-next-auth.callback-url',
    '__Secure-next-auth.session-token',
  ])
  for (const cookie of cookies)
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' })

  await page.getByLabel('Name', { exact: true }).fill('Behind A Proxy')
  await page.getByRole('button', { name: 'Change the name' }).click()
  await page.getByText('Your name is changed.').waitFor()
  // The session is listed under the client's address, not the proxy's.
  await page.getByText('198.51.100.7, since').waitFor()
  await eventually(() => expect(sockets.some((url) => url.startsWith('wss://localhost:'))).toBe(true), {
    withinMs: 20_000,
  })
})

test.each(['/', '/sign-in', '/api/agents', '/api/nothing', '/api/auth/providers', '/nowhere', '/docs'])(
  '%s tells browsers to come back by TLS alone',
  async (path) => {
    const answer = await asked(path)
    expect(answer.headers()['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  },
)

test('a page of a plain connection gets no session: its cookie has another name, and the one behind TLS is marked Secure', async () => {
  const person = await site.aPerson()
  const { signIn, context } = await site.visitor()
  expect(await signIn(person)).toBeNull()
  const session = (await context.cookies()).find(({ name }) => name === '__Secure-next-auth.session-token')
  const under = (name: string) => asked('/api/me', { cookie: `${name}=${session?.value ?? ''}` })
  expect((await under('__Secure-next-auth.session-token')).status()).toBe(200)
  expect((await under('next-auth.session-token')).status()).toBe(401)
})

test('a reset mail and every redirect lead to the address that the operator set, whatever Host and X-Forwarded-Host say', async () => {
  const person = await site.aPerson()
  const forged = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'host=evil.example;proto=http',
    'x-original-host': 'evil.example',
  }
  // Once through the proxy, and once past it, where the Host is a stranger's word as well.
  const { context } = await site.visitor()
  await context.request.post(`${proxy.origin}/api/users/password-mail`, {
    headers: forged,
    data: { email: person.email },
  })
  await fetch(new URL('/api/users/password-mail', site.server.url), {
    method: 'POST',
    headers: { ...forged, 'content-type': 'application/json' },
    body: JSON.stringify({ email: person.email }),
  })
  const mails = await eventually(
    async () => {
      const folder = join(site.dataDir, 'mail')
      const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
      const resets = texts.filter((text) => text.includes(person.email) && text.includes('/reset?token='))
      expect(resets).toHaveLength(2)
      return resets
    },
    { withinMs: 20_000 },
  )
  for (const mail of mails) {
    expect(mail).toContain(`${proxy.origin}/reset?token=`)
    expect(mail).not.toContain('evil.example')
  }
  for (const path of [
    '/api/auth/signin',
    '/api/auth/signout',
    '/api/auth/error?error=Callback',
    '/api/auth/providers',
    '/credits',
  ]) {
    const answer = await asked(path, forged)
    const said = `${answer.headers()['location'] ?? ''} ${await answer.text()}`
    expect(said).not.toContain('evil.example')
    expect(said).not.toContain(`http://localhost`)
    // Past the proxy nobody has put its own word in place of the stranger's.
    const past = await fetch(new URL(path, site.server.url), { headers: forged, redirect: 'manual' })
    const saidPast = `${past.headers.get('location') ?? ''} ${await past.text()}`
    expect(saidPast).not.toMatch(/evil\.example|http:\/\/localhost/)
  }
})

test('X-Forwarded-For of a client neither gets it around the delay of guesses nor puts that on somebody else', async () => {
  const person = await site.aPerson()
  const guess = async (from: string, forged: string, password: string) => {
    proxy.clientAddress = from
    const visitor = await site.visitor()
    await visitor.context.setExtraHTTPHeaders({ 'x-forwarded-for': forged, 'bureau-visitor': forged })
    return visitor.signIn({ email: person.email, password })
  }
  // At once, so that no wait is over in between: each claims to come from another network, or from where the owner is.
  const forged = Array.from({ length: 12 }, (_, at) => `203.0.113.${at % 2 === 0 ? 5 : 10 + at}`)
  const answers = await Promise.all(forged.map((from, at) => guess('198.51.100.66', from, `guess ${at}`)))
  expect(new Set(answers)).toEqual(new Set(['CREDENTIALS_INVALID', 'SIGN_IN_DELAYED']))
  expect(answers.filter((answer) => answer === 'CREDENTIALS_INVALID').length).toBeLessThanOrEqual(6)
  // The owner, at the address that was claimed, on a browser that nobody knows.
  expect(await guess('203.0.113.5', '203.0.113.5', person.password)).toBeNull()
  proxy.clientAddress = '198.51.100.7'
})

test('csp_evaluator finds nothing in the policy of any kind of page', async () => {
  const visitor = await site.visitor()
  const person = await site.visitor()
  expect(await person.signIn(await site.aPerson())).toBeNull()
  const kinds = [
    ...[
      '/',
      '/agents',
      '/sign-in',
      '/terms',
      '/nowhere',
      '/docs',
      '/docs/errors',
      '/setup/x',
      '/api/agents',
      '/api/nothing',
    ].map((path) => ({ who: visitor, path })),
    ...['/home', '/', '/account', '/credits', '/developers', '/runs', '/runs/none'].map((path) => ({
      who: person,
      path,
    })),
  ]
  const found: string[] = []
  for (const { who, path } of kinds) {
    const answer = await who.context.request.get(proxy.origin + path, { headers: { accept: 'text/html' } })
    const policy = answer.headers()['content-security-policy'] ?? ''
    expect(policy, path).toContain("frame-ancestors 'none'")
    // INFO is about browsers of the last decade; and where scripts lie it found no way around.
    for (const { severity, type, description } of new CspEvaluator(new CspParser(policy).csp).evaluate())
      if (severity < Severity.INFO && !(severity === Severity.MEDIUM_MAYBE && type === Type.SCRIPT_ALLOWLIST_BYPASS))
        found.push(`${path}: ${description}`)
  }
  expect(found).toEqual([])
})
