import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { screenshotFolder } from './look.options.ts'

type View = { readonly width: number; readonly height: number; readonly scheme: 'light' | 'dark' }

const DESK = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
const EVERY: readonly View[] = [
  { ...DESK, scheme: 'light' },
  { ...DESK, scheme: 'dark' },
  { ...PHONE, scheme: 'light' },
  { ...PHONE, scheme: 'dark' },
]
/** Both widths and both schemes, in half the time. */
const SOME: readonly View[] = EVERY.filter((view) => (view.width === DESK.width) === (view.scheme === 'light'))

/** Looks at a page in the state it is in: does it fit its width, light and dark, on a desk and on a phone?
 * Takes a picture of each view where BUREAU_SCREENSHOTS names a folder.
 * @param name page--state
 * @returns what is wrong, one line each */
export async function look(page: Page, name: string): Promise<string[]> {
  const folder = screenshotFolder()
  const found: string[] = []
  for (const view of folder === undefined ? SOME : EVERY) {
    const label = `${name}--${view.width}--${view.scheme}`
    await page.setViewportSize(view)
    await page.emulateMedia({ colorScheme: view.scheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-mantine-color-scheme="${view.scheme}"]`).waitFor({ state: 'attached' })
    // What sticks to the top or the bottom stands where a visitor first sees it.
    await page.evaluate('window.scrollTo(0, 0)')
    if (folder !== undefined) {
      await mkdir(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${label}.png`), fullPage: true, animations: 'disabled' })
    }
    const width: unknown = await page.evaluate('document.documentElement.scrollWidth')
    if (width !== view.width) found.push(`${label}: is ${String(width)} px wide`)
  }
  await page.setViewportSize(DESK)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
  return found
}
