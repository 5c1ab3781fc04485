import { beforeAll, describe, expect, test } from 'vitest'
import { aBrowserSite, type BrowserSite } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'

let site: BrowserSite

describe.skipIf(isMissing('chromium'))('what stands around every page', () => {
  beforeAll(async () => {
    site = await aBrowserSite()
  })

  test('the palette opens by Ctrl-K, in the page’s own look and within its policy, and goes where it is told', async () => {
    const { page, violations } = await site.visitor()
    await page.goto(`${site.origin}/`, { waitUntil: 'load' })
    const field = page.getByPlaceholder('Go to a page, or search agents')
    // The keys are heard once the page is alive.
    await eventually(
      async () => {
        if (!(await field.isVisible())) await page.keyboard.press('Control+k')
        await field.waitFor({ timeout: 2_000 })
      },
      { withinMs: 60_000 },
    )
    await page.keyboard.type('Explore')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${site.origin}/agents`)
    expect(violations).toEqual([])
  })

  test('light and dark follow the system until one is chosen, which stays, before anything is painted', async () => {
    const { page } = await site.visitor()
    const shown = () => page.locator('html').getAttribute('data-mantine-color-scheme')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.goto(`${site.origin}/sign-in`, { waitUntil: 'load' })
    expect(await shown()).toBe('dark')
    expect(await page.evaluate(`getComputedStyle(document.body).backgroundColor`)).toBe('rgb(16, 18, 22)')
    await eventually(
      async () => {
        await page.emulateMedia({ colorScheme: 'light' })
        expect(await shown()).toBe('light')
      },
      { withinMs: 60_000 },
    )
    await page.getByRole('button', { name: 'Switch between light and dark' }).click()
    expect(await shown()).toBe('dark')
    await page.reload({ waitUntil: 'commit' })
    await page.waitForSelector('body')
    expect(await shown()).toBe('dark')
    await page.evaluate('localStorage.clear()')
    await page.reload({ waitUntil: 'load' })
    expect(await shown()).toBe('light')
  })
})
