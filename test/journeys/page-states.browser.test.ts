import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aBrowserSite, type BrowserSite, type PersonInBrowser, type Visitor } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { aPublisher } from '../support/demo-agents.ts'
import { eventually } from '../support/eventually.ts'
import { look } from '../support/look.ts'

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
    pace: z.enum(['quick', 'thorough']).default('quick'),
    seats: z.number().int().min(1).max(9).optional(),
  }),
  output: z.object({ order: z.array(z.object({ stop: z.string(), km: z.number() })), totalKm: z.number() }),
  price: { run: '1', events: { leg: '0.1' }, max: '4' },
  limits: { timeoutMs: 90_000, memoryMb: 128 },
  examples: [{ name: 'Three towns', input: { stops: 'Lyon\\nGraz\\nPorto' } }],
  run: ({ stops }) => ({ order: stops.split('\\n').map((stop, n) => ({ stop, km: n * 412.5 })), totalKm: 825 }),
})
`

let site: BrowserSite
let plannerPath: string
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
describe.skipIf(isMissing('chromium') || isMissing('bwrap'))(
  'every page is there and fits its screen, for visitors and for whoever is new',
  () => {
    beforeAll(async () => {
      site = await aBrowserSite({ BUREAU_WELCOME_CREDITS: '96.5', BUREAU_RUNS_PER_ACCOUNT: '1' })
      const publisher = await aPublisher(site)
      await publisher.examples(['csv-profiler', 'echo', 'markdown-report', 'text-analyser'])
      plannerPath = await publisher.agent('route-planner', { 'index.ts': PLANNER })
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
      await page.goto(site.origin)
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
      await page.getByRole('tab', { name: 'API' }).click()
      await seen(page, 'agent--api')
      await page.getByRole('tab', { name: 'JSON' }).first().click()
      await page.locator('.cm-content').waitFor()
      await seen(page, 'agent--json')
      await page.getByRole('tab', { name: 'Form' }).click()
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByRole('heading', { name: 'Not run' }).waitFor()
      await seen(page, 'agent--signed-out')

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
    }, 600_000)

    test('for somebody who is new', async () => {
      for (const path of ['home', 'runs', 'credits', 'developers', 'account'])
        await lookAt(own.page, `/${path}`, `${path}--first`)
    }, 600_000)

    test('none was wider than its screen', () => {
      expect(found).toEqual([])
    })
  },
)
