import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { aBrowserSite, type BrowserSite } from '../../../../test/support/browser-site.ts'
import { isMissing } from '../../../../test/support/capabilities.ts'
import { publishAgent } from '../../../../test/support/publish-agent.ts'

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const ARRIVED_BEFORE = 2_000_000

let site: BrowserSite

describe.skipIf(isMissing('chromium'))('a file on an agent’s page', () => {
  beforeAll(async () => {
    site = await aBrowserSite()
  }, 240_000)

  test('goes on where the connection broke, and what the agent makes of it is shown as a picture', async () => {
    const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
      name: 'Weighs',
      input: { type: 'object', properties: { film: { type: 'string', format: 'bureau-file' } }, required: ['film'] },
      source: `export default async ({ film }, ctx) => {
        await ctx.artifacts.put('dot.png', Uint8Array.fromBase64('${DOT}'), { type: 'image/png' })
        return { name: film.name, bytes: film.size }
      }`,
    })
    const { page, context, signIn } = await site.visitor()
    expect(await signIn(await site.aPerson())).toBeNull()
    const offsets: string[] = []
    await page.route('**/api/uploads/resumable/*', async (route) => {
      const request = route.request()
      const headers = await request.allHeaders()
      if (request.method() === 'PATCH') offsets.push(headers['upload-offset'] ?? '')
      if (request.method() !== 'PATCH' || offsets.length > 1) return route.continue()
      // The first piece: two megabytes of it arrive, then the line is dead.
      const sent = await context.request.fetch(request.url(), {
        method: 'PATCH',
        headers: {
          'tus-resumable': '1.0.0',
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
          'x-csrf-token': headers['x-csrf-token'] ?? '',
          origin: site.origin,
        },
        data: bytes.subarray(0, ARRIVED_BEFORE),
      })
      expect(sent.status()).toBe(204)
      await route.abort('connectionreset')
    })
    const bytes = randomBytes(6_000_000)
    const agent = await site.get(null, `api/agents/${agentId}`)
    await page.goto(`${site.origin}/agents/${String(agent.body['owner'])}/${String(agent.body['slug'])}`)
    await page
      .locator('input[type=file][data-field=film]')
      .setInputFiles({ name: 'film.bin', mimeType: 'application/octet-stream', buffer: bytes })
    await page.getByText('film.bin, 6 MB').waitFor()
    expect(offsets).toEqual(['0', String(ARRIVED_BEFORE)])

    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const picture = page.getByRole('img', { name: 'dot.png' })
    await picture.waitFor()
    const width = `document.querySelector('img[alt="dot.png"]')?.naturalWidth`
    await expect.poll(() => page.evaluate(width), { timeout: 20_000 }).toBe(1)
    await page.getByText('Input, output and log are kept until').waitFor()
  }, 180_000)
})
