import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterEach } from 'vitest'
import { findProgram } from './capabilities.ts'
import { atEndOfFile } from './each-file.ts'
import { eventually } from './eventually.ts'
import { aRunSite, send, type RunSite } from './run-site.ts'

export type PersonInBrowser = { readonly email: string; readonly password: string; readonly userId: string }

/** A server with its site, and a browser. */
export type BrowserSite = RunSite & {
  readonly browser: Browser
  /** The site's address without a slash at the end. */
  readonly origin: string
  /** A browser of its own, as another person has it. A page of it that is refused something by its policy fails the
   * test, unless the test takes note of it ({@link Visitor.violations}). */
  visitor(): Promise<Visitor>
  /** Somebody who registered and followed the link. */
  aPerson(): Promise<PersonInBrowser>
  /** The token of the link that invites somebody into an account. */
  invitationOf(person: Pick<PersonInBrowser, 'email'>): Promise<string>
}

export type Visitor = {
  readonly context: BrowserContext
  readonly page: Page
  /** What the policies of its pages refused, as the browser's own events say it: `script-src-elem inline`. A test that
   * plants something empties it. */
  readonly violations: string[]
  /** Signs in as the form does. @returns the code of the problem, or null */
  signIn(person: { readonly email: string; readonly password: string; readonly code?: string }): Promise<string | null>
}

/** Of every visitor of the test that is going on. */
const gathered: { readonly violations: string[] }[] = []

// No journey is worth its name on a page that its own policy has crippled, so each is looked at, whatever it tests.
afterEach(() => {
  const found = gathered.flatMap(({ violations }) => violations.splice(0))
  if (found.length > 0) throw new Error(`pages were refused by their policy: ${found.join('; ')}`)
})

/** Starts the built site on a database of its own and waits for its first page. Everything ends with the test file.
 * @param env `BUREAU_URL` is then where its visitors go: a proxy before it */
export async function aBrowserSite(env: Readonly<Record<string, string>> = {}): Promise<BrowserSite> {
  const site = await aRunSite({ BUREAU_SITE: 'built', ...env })
  const origin = env['BUREAU_URL'] ?? site.server.url.origin
  const browser = await chromium.launch({
    executablePath: findProgram('chromium') ?? 'chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
  })
  atEndOfFile(() => browser.close())
  await pageComes(site)
  let count = 0
  return {
    ...site,
    browser,
    origin,
    visitor: () => newVisitor(browser, origin),
    invitationOf: ({ email }) =>
      eventually(() => tokenOfMail(join(site.dataDir, 'mail'), email, /\/invitations\/([\w.-]+)/), {
        withinMs: 20_000,
      }),
    async aPerson() {
      const email = `person${++count}@example.com`
      const password = `a phrase nobody says ${count}`
      const post = (path: string, body: object) =>
        send(new URL(path, site.server.url), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      await post('/api/users', { email, name: `Person ${count}`, password })
      const token = await eventually(() => tokenOfMail(join(site.dataDir, 'mail'), email), { withinMs: 20_000 })
      const { body } = await post('/api/users/verification', { token })
      return { email, password, userId: String(body['userId']) }
    },
  }
}

/** The process that renders pages.
 * @param server the process id of the server, whose child it is */
export async function siteProcessOf(server: number): Promise<number> {
  return eventually(
    async () => {
      const children = await readFile(`/proc/${server}/task/${server}/children`, 'utf8')
      for (const pid of children.trim().split(' ').map(Number)) {
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
        if (command.includes('web/serve.mjs')) return pid
      }
      throw new Error('no process of the site')
    },
    { withinMs: 30_000 },
  )
}

/** The site is started after the API serves. */
export async function pageComes(site: Pick<RunSite, 'server'>): Promise<void> {
  await eventually(
    async () => {
      const answer = await send(site.server.url, { headers: { accept: 'text/html' } })
      if (answer.status !== 200) throw new Error(`no page yet: ${answer.status}\n${site.server.output()}`)
    },
    { withinMs: 60_000 },
  )
}

async function tokenOfMail(folder: string, email: string, link = /token=([\w.-]+)/): Promise<string> {
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8')
    const token = link.exec(text)?.[1]
    if (text.includes(email) && token !== undefined) return token
  }
  throw new Error(`no mail to ${email}`)
}

async function newVisitor(browser: Browser, origin: string): Promise<Visitor> {
  // A certificate of a test is signed by nobody.
  const context = await browser.newContext({ ignoreHTTPSErrors: origin.startsWith('https:') })
  const violations: string[] = []
  gathered.push({ violations })
  await context.exposeBinding('tellViolation', (_source, told: string) => void violations.push(told))
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    tellViolation([event.effectiveDirective, event.blockedURI, event.documentURI].join(' ')))`)
  const page = await context.newPage()
  return {
    context,
    page,
    violations,
    async signIn(given) {
      const csrf: { csrfToken: string } = await (await context.request.get(`${origin}/api/auth/csrf`)).json()
      const answer = await context.request.post(`${origin}/api/auth/callback/credentials`, {
        form: { ...given, csrfToken: csrf.csrfToken, json: 'true' },
      })
      const { url }: { url: string } = await answer.json()
      const error = new URL(url).searchParams.get('error')
      if (error === null) return null
      const { code }: { code: string } = JSON.parse(error)
      return code
    },
  }
}
