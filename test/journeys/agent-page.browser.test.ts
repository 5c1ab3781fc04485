import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { setAgentTrial } from '../../src/agents/index.ts'
import { systemPrincipal } from '../../src/users/index.ts'
import { aBrowserSite, type BrowserSite } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent, publishVersion, type TestAgent } from '../support/publish-agent.ts'

const CREDIT = 1_000_000n
let site: BrowserSite
/** Where the pages of two equal agents are; guests may run the first. */
let free: string
let plain: string

const greeter: TestAgent = {
  name: 'Greeter',
  runMicro: CREDIT,
  input: {
    type: 'object',
    properties: { who: { type: 'string', title: 'Whom to greet' }, letter: { type: 'string', title: 'Letter' } },
    required: ['who', 'letter'],
  },
  examples: [
    { name: 'Ada', input: { who: 'Ada', letter: 'short' }, output: { text: 'Good day, Ada' }, files: [] },
    { name: 'Everybody', input: { who: 'world', letter: 'short' }, output: { text: 'Good day, world' }, files: [] },
  ],
  source: 'export default async ({ who }) => ({ text: "Good day, " + who })',
}

async function publish(name: string, isTrial: boolean): Promise<string> {
  const { db } = site.database
  const agentId = await publishAgent({ db, dataDir: site.dataDir }, site.creator, { ...greeter, name })
  await setAgentTrial({ db, cache: { forget() {} } }, systemPrincipal('operator', 'platform'), agentId, isTrial)
  const { owner } = (await site.get(null, `api/agents/${agentId}`)).body
  return `${site.origin}/agents/${String(owner)}/${agentId}`
}

/** A page whose script is still on its way shows the first example. */
const SOON = { timeout: 20_000 }

/** What the page said last to who does not see it is told in time; the result is what one waits for. */
const result = (page: Page) => page.getByText('Good day,').last()

async function linkOfMail(to: string): Promise<string> {
  return eventually(
    async () => {
      const folder = join(site.dataDir, 'mail')
      for (const name of await readdir(folder)) {
        const mail: { to: string; text: string } = JSON.parse(await readFile(join(folder, name), 'utf8'))
        const path = /https?:\/\/[^/\s]+(\/verify\S*)/.exec(mail.text)?.[1]
        if (mail.to === to && path !== undefined) return site.origin + path
      }
      throw new Error(`no mail to ${to}`)
    },
    { withinMs: 20_000 },
  )
}

describe.skipIf(isMissing('chromium'))('a visitor without an account', () => {
  beforeAll(async () => {
    site = await aBrowserSite({ BUREAU_WELCOME_CREDITS: '20', BUREAU_TRIALS_PER_DAY: '2' })
    free = await publish('Free greeter', true)
    plain = await publish('Plain greeter', false)
  })

  test('runs a trial agent, sees the count go down, has the run under its own address, and is led to register at the end', async () => {
    const { page, violations } = await site.visitor()
    await page.goto(free)
    await page.getByText('2 free runs left today').waitFor()
    await page.getByLabel('Whom to greet').fill('Grace')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await result(page).waitFor()
    await page.getByText('1 free run left today').waitFor()
    const address = page.url()
    expect(address).toMatch(/\/runs\/[\w-]{36}$/)
    await page.reload()
    await result(page).waitFor()
    // Another browser on the same network does not see it.
    const stranger = await site.visitor()
    await stranger.page.goto(address)
    await stranger.page.waitForURL(/\/sign-in/)

    await page.goto(free)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('The free runs of today are used up').waitFor()
    await page.goto(free)
    await page.getByRole('button', { name: 'Register to run' }).click()
    await page.waitForURL(/\/register\?next=/)
    expect(violations).toEqual([])
  })

  test('types, registers, follows the link of the mail into another tab, finds the form filled, and runs', async () => {
    const { page, context } = await site.visitor()
    await page.goto(plain)
    await page.getByRole('button', { name: 'Sign in to run' }).waitFor()
    await page.getByLabel('Whom to greet').fill('Katherine Johnson')
    await page.getByLabel('Letter').fill('a letter')
    await page.getByRole('button', { name: 'Sign in to run' }).click()
    await page.waitForURL(/\/sign-in\?next=/)
    await page.getByRole('link', { name: 'Make an account' }).click()
    await page.waitForURL(/\/register/)
    const person = { email: 'katherine@example.com', password: 'violet otter ladder 9' }
    await page.getByLabel('Name').fill('Katherine')
    await page.getByLabel('E-mail address').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill(person.password)
    await page.getByRole('button', { name: 'Make an account' }).click()
    await page.getByText('Look into your mail').waitFor()

    const tab = await context.newPage()
    await tab.goto(await linkOfMail(person.email))
    await tab.getByRole('button', { name: 'Confirm this address' }).click()
    await tab.getByText('Your address is confirmed').waitFor()
    await tab.getByLabel('Password', { exact: true }).fill(person.password)
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click()
    await tab.waitForURL(plain)
    await expect.poll(() => tab.getByLabel('Whom to greet').inputValue(), SOON).toBe('Katherine Johnson')
    expect(await tab.getByLabel('Letter').inputValue()).toBe('a letter')
    await tab.getByRole('button', { name: 'Run', exact: true }).click()
    await tab.getByRole('button', { name: 'Agree and run' }).click()
    await tab.getByText('Good day, Katherine Johnson').last().waitFor()
  })

  test.each([1280, 390])('looks at an example beside the catalogue and begins with it, at %i pixels', async (width) => {
    const { page, violations } = await site.visitor()
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${site.origin}/agents`)
    const opener = page.getByRole('button', { name: 'See example of Plain greeter' })
    await opener.focus()
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog', { name: 'Example of Plain greeter' })
    await drawer.getByText('Good day, Ada').waitFor()
    await drawer.getByRole('button', { name: 'Everybody' }).click()
    await drawer.getByText('Good day, world').waitFor()
    expect(
      (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
    ).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    expect(await page.locator(':focus').textContent()).toContain('See example')
    await opener.click()
    await drawer.getByRole('button', { name: 'Everybody' }).click()
    await drawer.getByRole('link', { name: 'Run with this' }).click()
    await page.waitForURL(plain)
    await expect.poll(() => page.getByLabel('Whom to greet').inputValue(), SOON).toBe('world')
    expect(violations).toEqual([])
  })

  test('sees what changed between versions, and runs an older one at its price', async () => {
    const agentId = plain.split('/').at(-1) ?? ''
    const source = 'export default async ({ who }) => ({ text: "Hello, " + who })'
    const deps = { db: site.database.db, dataDir: site.dataDir }
    await publishVersion(deps, site.creator, { agentId, version: 2 }, { ...greeter, source, runMicro: 2n * CREDIT })
    const visitor = await site.visitor()
    expect(await visitor.signIn(await site.aPerson())).toBeNull()
    const { page } = visitor
    await page.goto(plain)
    await page.getByRole('tab', { name: 'Versions' }).click()
    await page.getByText('Price of a run: 1 credit → 2 credits').waitFor()
    await page.getByText('The first version.').waitFor()
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
    await page.getByRole('link', { name: 'Run version 1 here' }).click()
    await page.getByText('You look at version 1; version 2 is the current one.').waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Agree and run' }).click()
    await result(page).waitFor()
    await page.getByText('v1').first().waitFor()
  })

  test('who queued a run and went away is told of its end by the bell, without loading the page anew', async () => {
    const visitor = await site.visitor()
    expect(await visitor.signIn(await site.aPerson())).toBeNull()
    const { page, context, violations } = visitor
    await page.goto(`${site.origin}/home`)
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
    const csrf: { csrfToken: string } = await (await context.request.get(`${site.origin}/api/auth/csrf`)).json()
    const source = 'export default async () => { await new Promise((end) => setTimeout(end, 5_200)); return 1 }'
    const slow: TestAgent = { name: 'Slow greeter', runMicro: CREDIT, timeoutMs: 20_000, source }
    const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, slow)
    const queue = (id: string, data: object) =>
      context.request.post(`${site.origin}/api/agents/${id}/run`, {
        headers: { 'x-csrf-token': csrf.csrfToken, origin: site.origin, prefer: 'respond-async' },
        data,
      })
    // What ends at once ends before one's eyes, and is not told.
    expect((await queue(free.split('/').at(-1) ?? '', { who: 'nobody', letter: '' })).status()).toBe(202)
    expect((await queue(agentId, {})).status()).toBe(202)
    await page.getByRole('button', { name: 'Notifications: 1 unread' }).click()
    await page.getByRole('link', { name: 'Unread: Slow greeter: Done, 1 credit' }).click()
    await page.waitForURL(/\/runs\//)
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
    expect(violations).toEqual([])
  })
})
