import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { aBrowserSite, type BrowserSite } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { publishAgent } from '../support/publish-agent.ts'

let site: BrowserSite
let path: string

describe.skipIf(isMissing('chromium'))('the address of a run', () => {
  beforeAll(async () => {
    site = await aBrowserSite()
    const { database, dataDir, creator } = site
    const agentId = await publishAgent({ db: database.db, dataDir }, creator, {
      name: 'Counter',
      source: 'export default async (input) => ({ letters: String(input.text).length })',
      // It asks for a host, so that the first run has something to agree to.
      egress: ['api.example.com'],
      input: {
        type: 'object',
        properties: { text: { type: 'string', title: 'Text', default: 'four' } },
        required: ['text'],
      },
    })
    const { rows } = await database.db.pool.query<{ owner: string; slug: string }>(
      `select a.slug as owner, g.slug from "Agent" g join "Account" a on a.id = g."accountId" where g.id = $1`,
      [agentId],
    )
    path = `/agents/${rows[0]?.owner ?? ''}/${rows[0]?.slug ?? ''}`
  })

  test('stands as soon as the run is admitted, and is the same run after a reload', async () => {
    const visitor = await site.visitor()
    expect(await visitor.signIn(await site.aPerson())).toBeNull()
    const { page } = visitor
    await page.goto(site.origin + path)
    await page.getByText(/You have .* credits/).waitFor()
    await page.getByLabel('Text').fill('a word')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const agree = page.getByRole('button', { name: /agree/i })
    await agree.waitFor()
    const asked = countWrites(page)
    const first = await pressed(page, () => agree.click())
    // The agreement goes with the run: one write, not two.
    expect(asked()).toEqual(['POST run'])
    await page.getByText('Letters').waitFor()
    const address = page.url()
    await page.reload()
    expect(page.url()).toBe(address)
    await page.getByText('Letters').waitFor()

    await page.goto(site.origin + path)
    await page.getByText(/You have .* credits/).waitFor()
    await page.getByLabel('Text').fill('another')
    const second = await pressed(page, () => page.getByRole('button', { name: 'Run', exact: true }).click())
    await page.getByText('Letters').waitFor()
    expect(page.url()).not.toBe(address)
    process.stdout.write(`\nthe address of a run stood ${first} ms (agreeing) and ${second} ms after pressing\n\n`)
    expect(visitor.violations).toEqual([])
  })
})

/** Milliseconds from the press, as the page itself saw it, until the run's address stood. */
async function pressed(page: Page, press: () => Promise<void>): Promise<number> {
  await page.evaluate(`{
    window.pressedAt = undefined
    window.stoodAfter = undefined
    document.addEventListener('click', () => (window.pressedAt ??= performance.now()), { capture: true, once: true })
    const look = () => {
      if (location.pathname.startsWith('/runs/')) window.stoodAfter = performance.now() - window.pressedAt
      else setTimeout(look, 1)
    }
    look()
  }`)
  await press()
  await page.waitForURL(/\/runs\/[\w-]+$/)
  await expect.poll(() => page.evaluate('typeof window.stoodAfter')).toBe('number')
  const after: number = await page.evaluate('window.stoodAfter')
  return Math.round(after)
}

function countWrites(page: Page): () => string[] {
  const seen: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'GET')
      seen.push(`${request.method()} ${new URL(request.url()).pathname.split('/').at(-1)}`)
  })
  return () => seen
}
