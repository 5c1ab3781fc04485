import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
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
const SOME: readonly View[] = EVERY.filter(isHeldToRules)

/** Looks at a page in the state it is in: does it fit its width and keep to the rules of axe, light and dark, on a desk
 * and on a phone? Takes a picture of each view where BUREAU_SCREENSHOTS names a folder.
 * @param name page--state
 * @param scheme who decides on light or dark: our theme, or the browser alone where a page has no script of ours
 * @returns what is wrong, one line each */
export async function look(page: Page, name: string, scheme: 'themed' | 'plain' = 'themed'): Promise<string[]> {
  const folder = screenshotFolder()
  const found: string[] = []
  for (const view of folder === undefined ? SOME : EVERY) {
    const label = `${name}--${view.width}--${view.scheme}`
    await page.setViewportSize(view)
    await page.emulateMedia({ colorScheme: view.scheme, reducedMotion: 'reduce' })
    if (scheme === 'themed')
      await page.locator(`html[data-mantine-color-scheme="${view.scheme}"]`).waitFor({ state: 'attached' })
    // What sticks to the top or the bottom stands where a visitor first sees it.
    await page.evaluate('window.scrollTo(0, 0)')
    if (folder !== undefined) {
      await mkdir(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${label}.png`), fullPage: true, animations: 'disabled' })
    }
    const width: unknown = await page.evaluate('document.documentElement.scrollWidth')
    if (width !== view.width) found.push(`${label}: is ${String(width)} px wide`)
    const cut: string[] = await page.evaluate(SHOWN_AFTER_ELLIPSIS)
    found.push(...cut.map((text) => `${label}: shows what its ellipsis cut: ${text}`))
    if (isHeldToRules(view)) found.push(...(await brokenRules(page)).map((broken) => `${label}: ${broken}`))
  }
  await page.setViewportSize(DESK)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
  return found
}

/** A text of at most n lines that is stretched beyond them shows the lines after its ellipsis. */
const SHOWN_AFTER_ELLIPSIS = `[...document.querySelectorAll('p, pre, h2, h3')].flatMap((element) => {
  const { webkitLineClamp, lineHeight } = getComputedStyle(element)
  return element.clientHeight > Number(webkitLineClamp) * parseFloat(lineHeight) + 1 ? [element.textContent.slice(0, 40)] : []
})`

/** Each scheme at one width: colours do not depend on the width, and what else does is at both. */
function isHeldToRules(view: View): boolean {
  return (view.width === DESK.width) === (view.scheme === 'light')
}

/** Without frames, of which our pages have none, axe needs no blank page beside this one to put its findings together. */
async function brokenRules(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id} ${node.html} ${node.failureSummary ?? ''}`))
}
