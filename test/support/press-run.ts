import type { Page } from 'playwright-core'

/** Presses Run on the page of an agent, and agrees where it asks what the agent may do.
 * @returns the run's id, from the address that the page then has */
export async function pressRun(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const agree = page.getByRole('button', { name: 'Agree and run' })
  await Promise.race([agree.waitFor(), page.waitForURL(/\/runs\//)])
  if (await agree.isVisible()) await agree.click()
  await page.waitForURL(/\/runs\//)
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}
