import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { notify } from '../../src/users/index.ts'
import { aBrowserSite, type BrowserSite, type Visitor } from '../support/browser-site.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'
import { look } from '../support/look.ts'
import { publishAgent, publishVersion, type TestAgent } from '../support/publish-agent.ts'

const CREDIT = 1_000_000n
const BULBS: TestAgent = {
  name: 'Bulb sorter',
  runMicro: CREDIT,
  timeoutMs: 1_000,
  source: `export default async ({ bulb, slow }) => {
    if (slow) await new Promise((done) => setTimeout(done, 5_000))
    throw new Error('there is no bulb called ' + bulb)
  }`,
}

let site: BrowserSite
let creator: Visitor
let stranger: Visitor
let caller: Caller
let agentId: string
let publisher: { readonly accountId: string; readonly userId: string }
let path: string
const found: string[] = []
const seen = async (page: Page, name: string) => void found.push(...(await look(page, name)))
const failed = async (input: object): Promise<string> => String((await site.run(caller, agentId, input)).body['runId'])
const SOON = { timeout: 20_000 }
const rowsOf = (page: Page) => page.getByRole('region', { name: 'Runs' }).getByRole('listitem')
const shows = (page: Page, runs: number): Promise<void> => expect.poll(() => rowsOf(page).count(), SOON).toBe(runs)

describe.skipIf(isMissing('chromium') || isMissing('bwrap'))('how an agent fails, for its creator', () => {
  beforeAll(async () => {
    site = await aBrowserSite()
    const { db } = site.database
    const person = await site.aPerson()
    creator = await site.visitor()
    stranger = await site.visitor()
    expect(await creator.signIn(person)).toBeNull()
    expect(await stranger.signIn(await site.aPerson())).toBeNull()
    const me: { account: { id: string } } = await (await creator.context.request.get(`${site.origin}/api/me`)).json()
    publisher = { accountId: me.account.id, userId: person.userId }
    agentId = await publishAgent({ db, dataDir: site.dataDir }, publisher, BULBS)
    const { body } = await site.get(null, `api/agents/${agentId}`)
    path = `/agents/${String(body['owner'])}/${String(body['slug'])}`
    caller = await aCaller(db, 1_000n * CREDIT)
  }, 240_000)

  test('nothing is said to have failed before anything has, and nobody else is shown what did', async () => {
    const { page } = creator
    await page.goto(site.origin + path)
    await page.getByRole('link', { name: 'Failures' }).click()
    await page.getByText('Nothing failed in 7 days').waitFor()
    await seen(page, 'failures--none')
    await stranger.page.goto(site.origin + path)
    await stranger.page.getByRole('button', { name: /^Report/ }).waitFor()
    expect(await stranger.page.getByRole('link', { name: 'Failures' }).count()).toBe(0)
    await stranger.page.goto(`${site.origin}${path}/failures`)
    await stranger.page.getByText('Only its creator sees this').waitFor()
    await seen(stranger.page, 'failures--not-yours')
  }, 120_000)

  test('who publishes finds their agents among what is for developers, and who does not, how to', async () => {
    const { page } = creator
    await page.goto(`${site.origin}/developers`)
    const agents = page.getByRole('region', { name: 'Agents' })
    const row = agents.getByRole('listitem').filter({ hasText: BULBS.name })
    expect(await row.textContent()).toMatch(/Bulb sorterLiveVersion 1, for everybody.*in 30 days/)
    expect(await agents.getByRole('listitem').count()).toBe(1)
    await seen(page, 'developers--agents')
    await row.getByRole('link', { name: `Failures of ${BULBS.name}` }).click()
    await page.getByRole('heading', { level: 1, name: `Failures of ${BULBS.name}` }).waitFor()
    await page.goBack()
    await row.getByRole('link', { name: BULBS.name, exact: true }).click()
    await page.waitForURL(site.origin + path)

    await stranger.page.goto(`${site.origin}/developers`)
    await stranger.page.getByText('No agents yet').waitFor()
    await stranger.page.getByText(`BUREAU_API_URL=${site.origin} `).waitFor()
    await stranger.page.getByText('npx bureau agent publish ./my-agent').waitFor()
    await seen(stranger.page, 'developers--no-agents')
  }, 120_000)

  test('the notification leads to kinds and runs, which are narrowed, found by id and paged, without a word of a caller', async () => {
    const first = await failed({ bulb: 'tulip of Mr Gruber' })
    await failed({ slow: true })
    for (let n = 0; n < 26; n++) await failed({ bulb: 'tulip of Mr Gruber' })
    const deps = { db: site.database.db, dataDir: site.dataDir }
    await publishVersion(deps, publisher, { agentId, version: 2 }, BULBS)
    let older = 27
    await eventually(
      async () => {
        const { body } = await site.run(caller, agentId, { bulb: 'tulip of Mr Gruber' })
        if (body['version'] !== 2) older++
        expect(body['version']).toBe(2)
      },
      { withinMs: 10_000 },
    )
    await notify(
      site.database.db,
      { accountId: publisher.accountId, whoMay: 'agents.write' },
      {
        kind: 'agent_failing',
        once: agentId,
        data: { agent: BULBS.name, address: path.slice('/agents/'.length), runs: 29, failed: 29 },
      },
    )

    const { page } = creator
    await page.goto(`${site.origin}/home`)
    await page.getByRole('button', { name: /^Notifications/ }).click()
    await page.getByRole('link', { name: /Bulb sorter: 29 of 29 runs failed/ }).click()
    await page.waitForURL(`**${path}/failures`)
    const kinds = page.getByRole('region', { name: 'By kind' }).getByRole('listitem')
    await expect.poll(() => kinds.count(), SOON).toBe(3)
    expect(await kinds.allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(new RegExp(`^The agent failed.*AGENT_THREW${older} runs of 1 account in v1`)),
        expect.stringMatching(/^The agent failed.*AGENT_THREW1 run of 1 account in v2/),
        expect.stringMatching(/^The agent did not answer in time.*RUN_TIMED_OUT1 run of 1 account in v1/),
      ]),
    )
    await shows(page, 25)
    await seen(page, 'failures--list')
    await page.getByRole('link', { name: 'Older failures' }).click()
    await shows(page, older + 2 - 25)
    await page.getByText(first).waitFor()
    // Neither what a caller sent nor what the agent said of it.
    expect(await page.content()).not.toMatch(/tulip|Gruber|no bulb called/)
    await page.getByRole('link', { name: 'Latest failures' }).click()
    await shows(page, 25)

    await page.getByRole('link', { name: 'The agent did not answer in time' }).click()
    await shows(page, 1)
    expect(await rowsOf(page).textContent()).toMatch(/v1, timed out after/)
    await seen(page, 'failures--narrowed')
    const id = page.getByRole('textbox', { name: 'Run id' })
    await id.fill(` ${first} `)
    await page.getByRole('button', { name: 'Find' }).click()
    await shows(page, 1)
    await page.getByText('The one with this id.').waitFor()
    await id.fill('0195b3a4-0000-7000-8000-000000000000')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByText('No run of this agent with that id failed').waitFor()
    await id.fill('the one of yesterday')
    await id.press('Enter')
    await page.getByText('“the one of yesterday” is no run id.').waitFor()
    expect(await id.inputValue()).toBe('the one of yesterday')
    await seen(page, 'failures--no-run-id')
    await page.getByRole('link', { name: 'All failures' }).first().click()
    await shows(page, 25)
    expect(found).toEqual([])
  }, 240_000)
})
