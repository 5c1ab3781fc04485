import { expect, test } from 'vitest'
import { aBrowserSite } from '../../test/support/browser-site.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { grantCredits } from './index.ts'

const site = await aBrowserSite({ BUREAU_WELCOME_CREDITS: '0.5' })

test('out of credits and back: what is missing is said, what was typed is kept, and the run is charged what it costs', async () => {
  const { database, dataDir, creator } = site
  const agentId = await publishAgent({ db: database.db, dataDir }, creator, {
    name: 'Letter counter',
    source: 'export default async ({ text }) => ({ letters: text.length })',
    runMicro: 2_000_000n,
    input: { type: 'object', properties: { text: { type: 'string', title: 'Text' } }, required: ['text'] },
  })
  const visitor = await site.visitor()
  const { page } = visitor
  const view: { owner: string; slug: string } = await (
    await page.request.get(`${site.origin}/api/agents/${agentId}`)
  ).json()
  const person = await site.aPerson()
  expect(await visitor.signIn(person)).toBeNull()
  const me: { account: { id: string } } = await (await page.request.get(`${site.origin}/api/me`)).json()
  const available = async () =>
    (await page.request.get(`${site.origin}/api/credits`)).json().then((body: { available: string }) => body.available)

  await page.goto(`${site.origin}/agents/${view.owner}/${view.slug}`)
  await page.getByText('You have 0.5 credits.').waitFor()
  await page.getByRole('textbox', { name: /^Text/ }).fill('seven words that nobody wants to retype')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('button', { name: 'Agree and run' }).click()
  const output = page.getByRole('region', { name: 'Output' })
  await output.getByText('1.5 credits missing: this run sets aside 2, and you have 0.5.').waitFor()
  await output.getByText('Nothing was charged', { exact: true }).waitFor()
  expect(await output.textContent()).not.toContain('Bureau-Max-Charge')
  await output.getByRole('button', { name: 'Get credits' }).click()

  await page.waitForURL(/\/credits\?next=%2Fagents%2F/)
  const panel = page.getByRole('region', { name: 'Get credits' })
  await panel.getByText('1.5 credits missing').first().waitFor()
  await panel.getByText(person.email).first().waitFor()
  // As an operator does it. The page sees it without being loaded again.
  await grantCredits({ db: database.db }, { accountId: me.account.id, amountMicro: 10_000_000n })
  await page.getByRole('heading', { name: 'The credits are here' }).waitFor()
  await page.getByRole('link', { name: 'Go back and run' }).click()

  await page.waitForURL(new RegExp(`/agents/${view.owner}/${view.slug}$`))
  await expect
    .poll(() => page.getByRole('textbox', { name: /^Text/ }).inputValue())
    .toBe('seven words that nobody wants to retype')
  await page.getByText('You have 10.5 credits.').waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForURL(/\/runs\//)
  await output
    .getByText(/, 2 credits$/)
    .first()
    .waitFor()
  await output.getByText(String('seven words that nobody wants to retype'.length)).first().waitFor()
  expect(await available()).toBe('8.5')
})

test('nobody is sent to another site from where credits are got', async () => {
  const { page, signIn } = await site.visitor()
  expect(await signIn(await site.aPerson())).toBeNull()
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
    await page.goto(`${site.origin}/credits?next=${encodeURIComponent(next)}&needed=2`)
    await page.getByRole('heading', { name: 'Credits', level: 1 }).waitFor()
    expect(await page.getByRole('link', { name: /Go back/ }).count()).toBe(0)
  }
})
