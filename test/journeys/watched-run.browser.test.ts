import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { grantCredits } from '../../src/credits/index.ts'
import { aBrowserSite, pageComes, type BrowserSite, type Visitor } from '../support/browser-site.ts'
import { aCaller } from '../support/callers.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'
import { pressRun } from '../support/press-run.ts'
import { publishAgent } from '../support/publish-agent.ts'

const CREDIT = 1_000_000n
const NUMBERS = 100
/** Says the numbers in order, each charged and logged, for about twenty seconds. */
const COUNTER = `export default async ({ numbers = ${NUMBERS}, ms = 200 }, ctx) => {
  for (let n = 1; n <= numbers; n++) {
    ctx.progress(n / numbers, 'number ' + n)
    ctx.log.info('number ' + n)
    ctx.emit(n + ' ', { charge: 'number' })
    await new Promise((done) => setTimeout(done, ms))
  }
  return 'counted to ' + numbers
}`
const BLOCKER = `export default () => new Promise((done) => setTimeout(done, 60_000))`

type Counting = BrowserSite & { readonly counter: string; readonly counterPath: string; readonly blocker: string }

async function aCountingSite(env: Readonly<Record<string, string>> = {}): Promise<Counting> {
  const site = await aBrowserSite({ BUREAU_WELCOME_CREDITS: '0', ...env })
  const deps = { db: site.database.db, dataDir: site.dataDir }
  const counter = await publishAgent(deps, site.creator, {
    name: 'Counter',
    source: COUNTER,
    runMicro: CREDIT,
    events: { number: CREDIT / 100n },
    maxMicro: 3n * CREDIT,
    timeoutMs: 60_000,
  })
  const blocker = await publishAgent(deps, site.creator, { name: 'Blocker', source: BLOCKER, timeoutMs: 60_000 })
  const { body } = await site.get(null, `api/agents/${counter}`)
  return { ...site, counter, counterPath: `/agents/${String(body['owner'])}/${String(body['slug'])}`, blocker }
}

/** A person with ten credits in two browsers. */
async function inTwoBrowsers(site: Counting): Promise<readonly [Visitor, Visitor]> {
  const person = await site.aPerson()
  const { rows } = await site.database.db.pool.query<{ id: string }>(
    `select "accountId" as id from "Member" where "userId" = $1`,
    [person.userId],
  )
  await grantCredits(site.database, { accountId: rows[0]?.id ?? '', amountMicro: 10n * CREDIT })
  const visitors = await Promise.all([site.visitor(), site.visitor()])
  for (const visitor of visitors) expect(await visitor.signIn(person)).toBeNull()
  return [visitors[0], visitors[1]]
}

/** The numbers that a page shows now. */
const numbersOn = async (page: Page): Promise<number[]> => {
  const shown = await page.getByRole('tabpanel', { name: 'Result' }).textContent()
  return (shown ?? '')
    .trim()
    .split(' ')
    .filter((word) => /^\d+$/.test(word))
    .map(Number)
}
const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1)

/** Waits until this many numbers stand on the page, and holds that none is missing, none there twice. */
const showsAtLeast = (page: Page, count: number): Promise<number> =>
  eventually(
    async () => {
      const numbers = await numbersOn(page)
      expect(numbers).toEqual(upTo(numbers.length))
      expect(numbers.length).toBeGreaterThanOrEqual(count)
      return numbers.length
    },
    { withinMs: 30_000 },
  )

async function logOf(page: Page): Promise<string[]> {
  await page.getByRole('tab', { name: 'Logs' }).click()
  const coming = page.waitForEvent('download')
  await page.getByRole('tabpanel', { name: /Logs/ }).getByRole('button', { name: 'Download' }).click()
  const text = await readFile(await (await coming).path(), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => /number \d+/.exec(line)?.[0] ?? line)
}

const restart = (site: Counting) => site.startAnother({ PORT: site.server.url.port, BUREAU_SITE: 'built' })

describe.skipIf(isMissing('chromium') || isMissing('bwrap'))('a run that is watched in two browsers', () => {
  let site: Counting
  beforeAll(async () => {
    // One place: whoever comes second waits, and is taken by the other process.
    site = await aCountingSite({ BUREAU_SANDBOX_MAX_RUNNING: '1' })
  })

  test('survives a reload, a closed tab, and its server: killed and started again, it loses no event, tells none twice and charges once', async () => {
    const [first, second] = await inTwoBrowsers(site)
    const other = await aCaller(site.database.db, 0n, 'Other')
    // The only place of this process is taken; the run is queued in it, and another process executes it.
    await site.run(other, site.blocker, {}, { prefer: 'respond-async' })
    await first.page.goto(site.origin + site.counterPath)
    const executing = await site.startAnother()
    const runId = await pressRun(first.page)
    await second.page.goto(`${site.origin}/runs`)
    await second.page.getByRole('link', { name: /Counter/ }).click()
    await second.page.waitForURL(`**/runs/${runId}`)
    await Promise.all([showsAtLeast(first.page, 5), showsAtLeast(second.page, 5)])

    await first.page.reload()
    await showsAtLeast(first.page, 10)
    await first.page.close()
    const reopened = await first.context.newPage()
    await reopened.goto(`${site.origin}/runs/${runId}`)
    await showsAtLeast(reopened, 20)

    const resumed: number[] = []
    for (const page of [reopened, second.page])
      page.on('response', (answer) => {
        const after = new URL(answer.url()).searchParams.get('after')
        if (after !== null && answer.status() === 200) resumed.push(Number(after))
      })
    await site.server.kill()
    for (const page of [reopened, second.page]) await page.getByText('Reconnecting. The run goes on').waitFor()
    await restart(site)
    await pageComes(site)
    for (const page of [reopened, second.page]) {
      await page.getByText('Reconnecting').waitFor({ state: 'detached' })
      await page.getByRole('heading', { name: /^Done in .*, 2 credits \(1 returned\)$/ }).waitFor({ timeout: 60_000 })
      await page.getByText(`counted to ${NUMBERS}`).waitFor()
      expect(await logOf(page)).toEqual(upTo(NUMBERS).map((n) => `number ${n}`))
    }
    // They went on where they were, not from the start.
    expect(resumed).toHaveLength(2)
    expect(Math.min(...resumed)).toBeGreaterThan(20)
    await reopened.goto(`${site.origin}/credits`)
    await reopened.getByText('8 credits').first().waitFor()
    await executing.stop()
  }, 300_000)
})

describe.skipIf(isMissing('chromium') || isMissing('bwrap'))('a run whose only process is killed', () => {
  test('is said by itself, in both browsers, to be lost, to cost nothing, and to be run again', async () => {
    const site = await aCountingSite()
    const [first, second] = await inTwoBrowsers(site)
    await first.page.goto(site.origin + site.counterPath)
    const runId = await pressRun(first.page)
    await second.page.goto(`${site.origin}/runs/${runId}`)
    await Promise.all([showsAtLeast(first.page, 5), showsAtLeast(second.page, 5)])
    await site.server.kill()
    for (const { page } of [first, second]) await page.getByText('Reconnecting. The run goes on').waitFor()
    await restart(site)
    for (const { page } of [first, second]) {
      await page.getByRole('heading', { name: /^Failed, nothing charged/ }).waitFor({ timeout: 60_000 })
      const panel = page.getByRole('tabpanel', { name: 'What happened' })
      await panel.getByText('The process that executed the run died').waitFor()
      await panel.getByText('Nothing was charged').waitFor()
      await panel.getByText('RUN_LOST').waitFor()
      await panel.getByText(/^1 2 3 4 5 /).waitFor()
    }
    await first.page.getByRole('button', { name: 'Run again' }).first().click()
    await showsAtLeast(first.page, 3)
    await first.page.getByRole('button', { name: 'Stop', exact: true }).click()
    await first.page.getByRole('heading', { name: /^Stopped after .*, 1\.\d+ credits/ }).waitFor()
    await first.page.getByText('You stopped this run.').waitFor()
    // Also where nobody pressed anything.
    await second.page.goto(first.page.url())
    await second.page.getByText('You stopped this run.').waitFor()
  }, 300_000)
})
