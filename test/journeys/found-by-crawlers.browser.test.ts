import { beforeAll, describe, expect, test } from 'vitest'
import { pageComes } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRunSite, send, type RunSite } from '../support/run-site.ts'

const BASE = 'https://bureau.example'

let site: RunSite
const get = (path: string) => send(new URL(path, site.server.url), { headers: { accept: 'text/html' } })

// No browser is opened; what is needed is the built site, which this suite builds.
describe.skipIf(isMissing('chromium'))('what crawlers are told', () => {
  let agentPath: string
  let creatorPath: string

  beforeAll(async () => {
    site = await aRunSite({ BUREAU_SITE: 'built', BUREAU_URL: BASE })
    await pageComes(site)
    const { database, dataDir, creator } = site
    const of = { db: database.db, dataDir }
    const source = 'export default async () => 1'
    // More than the API lists at once.
    const ids = await Promise.all(
      Array.from({ length: 120 }, (_, at) => publishAgent(of, creator, { name: `Agent ${at} <&>`, source })),
    )
    await database.db.pool.query(`update "Agent" set visibility = 'unlisted' where id = $1`, [ids[1]])
    const { rows } = await database.db.pool.query<{ owner: string }>(
      `select slug as owner from "Account" where id = $1`,
      [creator.accountId],
    )
    creatorPath = `/creators/${rows[0]?.owner ?? ''}`
    agentPath = `/agents/${rows[0]?.owner ?? ''}/${ids[0] ?? ''}`
    unlisted = ids[1] ?? ''
  })
  let unlisted: string

  test('the sitemap names every public agent, their creator and no other', async () => {
    const { status, headers, text } = await get('/sitemap.xml')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('application/xml')
    const addresses = [...text.matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, address]) => address)
    expect(addresses).toContain(BASE + agentPath)
    expect(addresses.filter((address) => address === BASE + creatorPath)).toHaveLength(1)
    expect(addresses.filter((address) => address?.startsWith(`${BASE}/agents/`))).toHaveLength(119)
    expect(text).not.toContain(unlisted)
    expect(text.trimEnd().endsWith('</urlset>')).toBe(true)
    // From memory: the same again, byte for byte.
    expect((await get('/sitemap.xml')).text).toBe(text)
  })

  test('robots.txt leads to it, and keeps crawlers from what is somebody’s own', async () => {
    const { text } = await get('/robots.txt')
    expect(text).toContain(`Sitemap: ${BASE}/sitemap.xml`)
    for (const path of ['/home', '/runs', '/account', '/api/']) expect(text).toContain(`Disallow: ${path}`)
  })

  test('an agent’s page says what it is where it is shared, with a stranger’s text escaped', async () => {
    const { text } = await get(agentPath)
    expect(text).toContain('<meta property="og:title" content="Agent 0 &lt;&amp;&gt; by Creator"/>')
    expect(text).toContain(`<meta property="og:url" content="${BASE}${agentPath}"/>`)
    expect(text).toContain(`<link rel="canonical" href="${BASE}${agentPath}"/>`)
  })
})
