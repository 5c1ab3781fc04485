import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deactivateAgent, setAgentTrial } from '../../src/agents/index.ts'
import { systemPrincipal } from '../../src/users/index.ts'
import {
  aBrowserSite,
  siteProcessOf,
  type BrowserSite,
  type PersonInBrowser,
  type Visitor,
} from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { aPublisher } from '../support/demo-agents.ts'
import { eventually } from '../support/eventually.ts'
import { look } from '../support/look.ts'
import { pressRun } from '../support/press-run.ts'
import { publishAgent } from '../support/publish-agent.ts'

const CREDIT = 1_000_000n
const OPERATOR = systemPrincipal('operator', 'platform')

/** Can go on for minutes, succeed and fail, so that every state of a page is a real one. */
const PLANNER = `
import { defineAgent } from 'bureau'
import { z } from 'zod'
export default defineAgent({
  name: 'Route planner',
  description: 'Orders the stops of a round so that the way is short, and says how long it takes.',
  category: 'data',
  icon: 'map',
  input: z.object({
    stops: z.string().min(3).max(2_000).describe('One town a line, the start first'),
    pace: z.enum(['quick', 'thorough', 'broken']).default('quick'),
    seats: z.number().int().min(1).max(9).optional(),
  }),
  output: z.object({ order: z.array(z.object({ stop: z.string(), km: z.number() })), totalKm: z.number() }),
  price: { run: '1', events: { leg: '0.1' }, max: '9' },
  limits: { timeoutMs: 290_000, memoryMb: 128 },
  examples: [{ name: 'Three towns', input: { stops: 'Lyon\\nGraz\\nPorto' } }],
  async run({ stops, pace }, ctx) {
    const towns = stops.split('\\n')
    ctx.log.info('read', { towns: towns.length })
    if (pace === 'broken') {
      ctx.emit('Lyon is the start.\\n', { charge: 'leg' })
      throw new Error('There is no road from Lyon to Atlantis.')
    }
    if (pace === 'thorough')
      for (let n = 1; n <= 960; n++) {
        ctx.progress(n / 1_000, 'trying order ' + n + ' of 1000')
        if (n % 20 === 1) {
          ctx.log[n % 60 === 1 ? 'warn' : 'info']('order ' + n, { km: 1000 - n })
          ctx.emit('Best so far: ' + (1000 - n) + ' km\\n', { charge: 'leg' })
        }
        await new Promise((done) => setTimeout(done, 250))
      }
    const order = towns.map((stop, n) => ({ stop, km: n * 412.5 }))
    await ctx.artifacts.put('route.csv', order.map((leg) => leg.stop + ',' + leg.km).join('\\n'), { type: 'text/csv' })
    await ctx.artifacts.put('route.gpx', '<gpx/>', { type: 'application/gpx+xml' })
    return { order, totalKm: 825 }
  },
})
`

let site: BrowserSite
let plannerPath: string
let hastyPath: string
let dearPath: string
let person: PersonInBrowser
let visitor: Visitor
let own: Visitor
const found: string[] = []

const open = async (page: Page, path: string): Promise<Page> => {
  await page.goto(site.origin + path)
  await page.locator('h1, h2').first().waitFor()
  // React has taken over: a press before that is none.
  await eventually(
    async () =>
      expect(await page.evaluate(`Object.keys(document.body).some((key) => key.startsWith('__react'))`)).toBe(true),
    { withinMs: 20_000 },
  )
  return page
}
const seen = async (page: Page, name: string): Promise<void> => void found.push(...(await look(page, name)))
const lookAt = async (page: Page, path: string, name: string): Promise<void> => seen(await open(page, path), name)
const fill = async (page: Page, pace: string): Promise<void> => {
  await page.getByLabel('Stops').fill('Lyon\nGraz\nPorto')
  if (!(await page.getByLabel('Pace').isVisible())) await page.getByText(/More options/).click()
  await page.getByLabel('Pace').selectOption({ label: pace })
}
const runOf = async (page: Page, path: string, pace: string): Promise<string> => {
  await open(page, path)
  await fill(page, pace)
  return pressRun(page)
}
const balanceOn = async (page: Page): Promise<string> =>
  /[\d.]+ credits/.exec((await page.getByText(/^You have /).textContent()) ?? '')?.[0] ?? ''

/** What stands beside Run is what one has, whatever else of theirs runs meanwhile. */
async function followsOtherRuns(page: Page): Promise<void> {
  // The page hears of them by its socket, once that is answered.
  const answered = page
    .waitForEvent('websocket')
    .then((socket) =>
      socket.waitForEvent('framereceived', { predicate: ({ payload }) => String(payload).startsWith('43') }),
    )
  await open(page, plannerPath)
  await answered
  const before = await balanceOn(page)
  await asked(own, 'POST', `/api/agents/${await idOf('route-planner')}/run`, { stops: 'Lyon\nGraz', pace: 'quick' })
  await eventually(async () => expect(await balanceOn(page)).not.toBe(before), { withinMs: 10_000 })
}
const idOf = async (slug: string): Promise<string> => {
  const { rows } = await site.database.db.pool.query<{ id: string }>('select id from "Agent" where slug = $1', [slug])
  return rows[0]?.id ?? ''
}
/** What a page of theirs asks of the API. */
const asked = async (who: Visitor, method: string, path: string, data: object): Promise<Record<string, string>> => {
  const csrf: { csrfToken: string } = await (await who.context.request.get(`${site.origin}/api/auth/csrf`)).json()
  const headers = { 'x-csrf-token': csrf.csrfToken, origin: site.origin }
  const answer = await who.context.request.fetch(site.origin + path, { method, headers, data })
  const text = await answer.text()
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`)
  return text === '' ? {} : JSON.parse(text)
}
const ended = (page: Page, words: RegExp) => page.getByRole('heading', { name: words }).waitFor({ timeout: 30_000 })

describe.skipIf(isMissing('chromium') || isMissing('bwrap'))(
  'every page in every state is there, fits its screen and keeps to the rules of axe',
  () => {
    beforeAll(async () => {
      site = await aBrowserSite({ BUREAU_WELCOME_CREDITS: '96.5', BUREAU_RUNS_PER_ACCOUNT: '1' })
      const publisher = await aPublisher(site)
      await publisher.examples(['csv-profiler', 'echo', 'markdown-report', 'text-analyser'])
      plannerPath = await publisher.agent('route-planner', { 'index.ts': PLANNER })
      const straight = async (name: string, runMicro: bigint): Promise<string> => {
        const id = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
          name,
          source: 'export default () => new Promise((done) => setTimeout(done, 60_000))',
          runMicro,
          timeoutMs: 1_500,
        })
        const { body } = await site.get(null, `api/agents/${id}`)
        return `/agents/${String(body['owner'])}/${String(body['slug'])}`
      }
      hastyPath = await straight('Hasty planner', CREDIT)
      dearPath = await straight('Grand tour', 250n * CREDIT)
      person = await site.aPerson()
      visitor = await site.visitor()
      own = await site.visitor()
      expect(await own.signIn(person)).toBeNull()
    }, 600_000)
    afterAll(() => {
      expect([visitor, own].flatMap((who) => who.violations)).toEqual([])
    })

    test('for visitors', async () => {
      const { page } = visitor
      // Kept from before the agents were there, and made anew behind whoever asks first.
      await eventually(
        async () => {
          await page.goto(site.origin)
          expect(await page.getByText('CSV profiler').count()).toBeGreaterThan(0)
        },
        { withinMs: 60_000 },
      )
      const examples = plannerPath.replace('route-planner', '')
      for (const [path, name] of [
        ['/', 'start--visitor'],
        ['/agents', 'agents--first'],
        ['/agents?q=route', 'agents--search'],
        ['/agents?q=zzzz&network=none', 'agents--nothing-matches'],
        [plannerPath, 'agent--idle'],
        [`${examples}csv-profiler`, 'agent--idle-file'],
        [`${examples}markdown-report`, 'agent--idle-markdown'],
        ['/agents/nobody/nothing', 'agent--not-found'],
        [plannerPath.replace(/\/[^/]*$/, '').replace('/agents/', '/creators/'), 'creator--agents'],
        ['/terms', 'terms--page'],
        ['/privacy', 'privacy--page'],
        ['/status', 'status--page'],
        ['/nowhere', 'nowhere--not-found'],
        ['/sign-in', 'sign-in--empty'],
        ['/register', 'register--empty'],
        ['/forgot', 'forgot--empty'],
        ['/reset?token=x', 'reset--dead-link'],
        ['/verify?token=x', 'verify--link'],
        ['/invitations/x', 'invitation--dead-link'],
      ] as const)
        await lookAt(page, path, name)

      await open(page, plannerPath)
      await page.getByText('One of quick, thorough, broken').waitFor()
      await page.getByRole('tab', { name: 'API' }).click()
      await page.getByText('The input that stands in the form now').waitFor()
      await seen(page, 'agent--api')
      await page.getByRole('tab', { name: 'JSON' }).first().click()
      await page.locator('.cm-content').waitFor()
      await seen(page, 'agent--json')
      await page.getByRole('tab', { name: 'Form' }).click()
      await page.getByRole('button', { name: 'Sign in to run' }).click()
      await page.waitForURL(/\/sign-in\?next=/)
      await seen(page, 'sign-in--to-run')

      await open(page, '/sign-in')
      await page.getByLabel('E-mail address').fill(person.email)
      await page.getByLabel('Password', { exact: true }).fill('not this one')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').first().waitFor()
      await seen(page, 'sign-in--refused')
      await open(page, '/register')
      await page.getByRole('button', { name: 'Make an account' }).click()
      await page.getByText('Enter a name; others see it').waitFor()
      await seen(page, 'register--faults')

      await open(page, '/agents')
      await page.getByRole('button', { name: 'See example of Route planner' }).click()
      await page.getByRole('dialog', { name: 'Example of Route planner' }).getByText('412.5').waitFor()
      await seen(page, 'agents--example')
      const deps = { db: site.database.db, cache: { forget() {} } }
      await setAgentTrial(deps, OPERATOR, await idOf('text-analyser'), true)
      await open(page, `${examples}text-analyser`)
      await page.getByText(/free runs left today/).waitFor()
      await seen(page, 'agent--trial')
      // What it costs is the site's to pay, and a guest is never told that they were charged.
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await ended(page, /^Done in .*, free for you \(this site paid [\d.]+ credits?\)$/)
      await seen(page, 'agent--trial-done')
      await page.getByRole('tab', { name: 'Receipt' }).click()
      await page.getByRole('row', { name: 'You pay nothing' }).waitFor()
      await seen(page, 'agent--trial-receipt')
    }, 600_000)

    test('for somebody who is new', async () => {
      for (const path of ['home', 'runs', 'credits', 'developers', 'account'])
        await lookAt(own.page, `/${path}`, `${path}--first`)
    }, 600_000)

    test('while a run is agreed to, waits, goes on, loses its line and is stopped', async () => {
      const { page } = await open(own.page, plannerPath).then(() => own)
      await page.getByLabel('Stops').fill('')
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.locator('[aria-invalid="true"]').first().waitFor()
      await seen(page, 'agent--faults')
      await fill(page, 'thorough')
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByRole('button', { name: 'Agree and run' }).waitFor()
      await seen(page, 'agent--consent')
      await page.getByRole('button', { name: 'Agree and run' }).click()
      await page.waitForURL(/\/runs\//)
      const runId = new URL(page.url()).pathname.split('/').at(-1) ?? ''
      await page.getByText('Best so far: 979 km').waitFor({ timeout: 30_000 })
      await seen(page, 'agent--running')
      const beside = await own.context.newPage()
      await lookAt(beside, `/runs/${runId}`, 'run--running')
      await beside.getByRole('tab', { name: /Logs/ }).click()
      await beside.getByText('order 21').first().waitFor()
      await seen(beside, 'run--running-logs')

      const apart = await own.context.newPage()
      await apart.route('**/api/runs/*/events*', (route) => route.abort())
      await open(apart, `/runs/${runId}`)
      await apart.getByText('Reconnecting. The run goes on').waitFor()
      // Since it began, although no event has told when that was.
      await apart.getByText(/^(\d{1,2} s|\d{1,2}:\d\d min)$/).waitFor()
      await seen(apart, 'run--reconnecting')
      await apart.close()

      await runOf(beside, plannerPath, 'quick')
      await beside.getByRole('heading', { name: 'Waiting' }).waitFor()
      await seen(beside, 'agent--waiting')
      await lookAt(beside, '/runs', 'runs--going')
      await lookAt(beside, '/home', 'home--going')
      await beside.close()

      await own.context.setOffline(true)
      await page.getByText('You are offline.').waitFor()
      await seen(page, 'agent--offline')
      await own.context.setOffline(false)
      await page.getByText('You are offline.').waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Stop', exact: true }).click()
      await ended(page, /^Stopped after/)
      // Their own doing is no failure.
      await page.getByText('You stopped this run.').waitFor()
      await page.getByText(/credits charged \([\d.]+ returned\), for what it had given out by then\./).waitFor()
      expect(await page.getByText('What to do').count()).toBe(0)
      await seen(page, 'agent--stopped')
      await lookAt(page, `/runs/${runId}`, 'run--stopped')
    }, 600_000)

    test('when a run is over', async () => {
      const { page } = own
      const doneId = await runOf(page, plannerPath, 'quick')
      await ended(page, /^Done in/)
      await page.getByText('412.5').first().waitFor()
      // Both tell the balance, and both follow the run.
      await eventually(
        async () => {
          expect(await page.locator('header a[href="/credits"]').textContent()).toBe(await balanceOn(page))
        },
        { withinMs: 10_000 },
      )
      await seen(page, 'agent--done')
      for (const tab of ['Files', 'Logs', 'JSON', 'Receipt']) {
        await page.getByRole('tablist', { name: 'Output' }).getByRole('tab', { name: tab }).click()
        await seen(page, `agent--done-${tab.toLowerCase()}`)
      }
      await lookAt(page, `/runs/${doneId}`, 'run--done')
      await followsOtherRuns(page)
      const failedId = await runOf(page, plannerPath, 'broken')
      await ended(page, /^Failed/)
      await seen(page, 'agent--failed')
      await lookAt(page, `/runs/${failedId}`, 'run--failed')
      await open(page, hastyPath)
      await pressRun(page)
      await ended(page, /^Timed out/)
      await seen(page, 'agent--timed-out')
      await open(page, dearPath)
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByRole('button', { name: 'Agree and run' }).click()
      await page.getByRole('heading', { name: 'Not run' }).waitFor()
      await seen(page, 'agent--no-credits')

      await lookAt(page, '/runs', 'runs--mixed')
      await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'Failed' }).click()
      await page.waitForURL(/status=failed/)
      await eventually(async () => expect(await page.locator('main li a[href^="/runs/"]').count()).toBe(1), {
        withinMs: 10_000,
      })
      await seen(page, 'runs--filtered')
      await lookAt(page, '/runs?status=queued', 'runs--nothing-matches')
      await lookAt(page, '/home', 'home--busy')
      await lookAt(page, '/credits', 'credits--statement')
      await open(page, '/developers')
      await page
        .getByRole('button', { name: /Create a key|New key|Make a key/ })
        .first()
        .click()
      await seen(page, 'developers--new-key')
      await lookAt(page, `/credits?needed=250&next=${encodeURIComponent(dearPath)}`, 'credits--needed')
      await open(page, plannerPath)
      await page.getByRole('tab', { name: 'Versions' }).click()
      await page.getByText('The first version.').waitFor()
      await seen(page, 'agent--versions')
      await page.getByRole('button', { name: /^Report/ }).click()
      await page.getByRole('dialog', { name: 'Report Route planner' }).waitFor()
      await page.getByRole('button', { name: 'Send the report' }).click()
      await page.getByText('Say what is wrong').waitFor()
      await seen(page, 'agent--report')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: /^Notifications/ }).click()
      await page.getByRole('link', { name: /Route planner: Done/ }).waitFor()
      await seen(page, 'agent--bell')

      // Somebody else's run, and one whose agent is gone.
      const stranger = await site.visitor()
      await stranger.signIn(await site.aPerson())
      await lookAt(stranger.page, `/runs/${doneId}`, 'run--not-yours')
      const deps = { db: site.database.db, cache: { forget() {} } }
      await deactivateAgent(deps, OPERATOR, await idOf('route-planner'))
      await lookAt(page, `/runs/${doneId}`, 'run--agent-gone')
      await lookAt(page, plannerPath, 'agent--gone')
    }, 600_000)

    test('when a role and a session are taken away', async () => {
      const joining = await site.visitor()
      const guest = await site.aPerson()
      expect(await joining.signIn(guest)).toBeNull()
      const { id: accountId } = await asked(own, 'POST', '/api/accounts', { name: 'Pier Accounts' })
      await asked(own, 'PUT', '/api/sessions/current/account', { accountId })
      await asked(own, 'POST', '/api/invitations', { email: guest.email, role: 'developer' })
      const token = await site.invitationOf(guest)
      await lookAt(joining.page, `/invitations/${token}`, 'invitation--offer')
      await asked(joining, 'POST', '/api/invitations/accept', { token })
      await asked(joining, 'PUT', '/api/sessions/current/account', { accountId })
      await open(joining.page, '/developers')
      await asked(own, 'PATCH', `/api/members/${guest.userId}`, { role: 'billing' })
      await lookAt(joining.page, '/developers', 'developers--not-for-your-role')
      await lookAt(own.page, '/account', 'account--team')
      await open(joining.page, '/home')
      await asked(own, 'DELETE', `/api/members/${guest.userId}`, {})
      await joining.page.reload()
      await seen(joining.page, 'home--removed')
      const elsewhere = await site.visitor()
      expect(await elsewhere.signIn(guest)).toBeNull()
      await asked(elsewhere, 'DELETE', '/api/sessions', {})
      // The page that is open hears of it and leaves by itself; another one does not get in.
      const later = await joining.context.newPage()
      await later.goto(`${site.origin}/credits`)
      await later.waitForURL(/sign-in\?next=%2Fcredits/)
      await seen(later, 'sign-in--session-ended')
    }, 600_000)

    test('when the database fails the site', async () => {
      const { pool } = site.database.db
      await pool.query('alter table "Agent" rename to "Agent_away"')
      await lookAt(visitor.page, '/agents?q=lost', 'agents--failed')
      await pool.query('alter table "Agent_away" rename to "Agent"')
      await pool.query('alter table "Member" rename to "Member_away"')
      const { page } = own
      await page.goto(`${site.origin}/home`)
      await page.getByRole('heading', { name: 'This page could not be shown' }).waitFor()
      await page.getByText('PAGE_FAILED').waitFor()
      await seen(page, 'home--broken')
      await pool.query('alter table "Member_away" rename to "Member"')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('heading', { name: /^Hello, /, level: 1 }).waitFor()
    }, 600_000)

    test('when the process that makes pages is away', async () => {
      const { page, context } = visitor
      const address = `${site.origin}/sign-in?away`
      process.kill(await siteProcessOf(site.server.pid), 'SIGKILL')
      const answer = await eventually(
        async () => {
          const away = await context.request.get(address, { headers: { accept: 'text/html' } })
          expect(away.status()).toBe(503)
          const picture = await context.request.get(address, { headers: { accept: 'image/svg+xml' } })
          expect(picture.status()).toBe(503)
          return away
        },
        { withinMs: 5_000 },
      )
      // The tab's picture is asked for with each try: that is no failure to tell an operator of.
      expect(site.server.output()).not.toMatch(/"level":50.*SITE_STARTING/)
      // It is back before all pictures of this answer are taken.
      const { refresh, ...headers } = answer.headers()
      expect(refresh).toMatch(/^\d+$/)
      await page.route(address, (route) => route.fulfill({ response: answer, headers }))
      await page.goto(address)
      await page.getByRole('heading', { name: 'One moment' }).waitFor()
      found.push(...(await look(page, 'site--away', 'plain')))
      await page.unroute(address)
      await eventually(
        async () => {
          await page.reload()
          expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in')
        },
        { withinMs: 60_000 },
      )
    }, 120_000)

    test('nothing was wider than its screen, and no rule of axe was broken', () => {
      expect(found).toEqual([])
    })
  },
)
