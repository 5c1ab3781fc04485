import { createHash } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { aCaller } from '../../../test/support/callers.ts'
import { publishAgent, publishVersion } from '../../../test/support/publish-agent.ts'
import { aRunSite, type RunSite } from '../../../test/support/run-site.ts'

const CREDIT = 1_000_000n
const first = { name: 'Teller', runMicro: CREDIT, source: 'export default async () => "one"' }
const second = { name: 'Teller', runMicro: 2n * CREDIT, source: 'export default async () => "two"' }
let site: RunSite
let agentId: string

beforeAll(async () => {
  site = await aRunSite()
  const deps = { db: site.database.db, dataDir: site.dataDir }
  agentId = await publishAgent(deps, site.creator, first)
  await publishVersion(deps, site.creator, { agentId, version: 2 }, second)
})

test('anyone sees what versions there are, which one is current, and what changed from one to the next', async () => {
  const { body } = await site.get(null, `api/agents/${agentId}/versions`)
  expect(body).toMatchObject({
    items: [
      {
        version: 2,
        isCurrent: true,
        sha256: createHash('sha256').update(second.source).digest('hex'),
        price: { run: '2', max: '2' },
        changes: [
          { what: 'price', name: 'run', from: '1', to: '2' },
          { what: 'price', name: 'max', from: '1', to: '2' },
          { what: 'code' },
        ],
      },
      { version: 1, isCurrent: false, changes: null },
    ],
    nextCursor: null,
  })
  const page = await site.get(null, `api/agents/${agentId}/versions?limit=1`)
  const next = await site.get(null, `api/agents/${agentId}/versions?limit=1&cursor=${String(page.body['nextCursor'])}`)
  expect(next.body).toMatchObject({ items: [{ version: 1 }], nextCursor: null })
})

test('a version that is named is shown, quoted and run as it was, at its own price', async () => {
  const caller = await aCaller(site.database.db, 5n * CREDIT)
  const view = (query: string) => site.get(null, `api/agents/${agentId}${query}`)
  expect((await view('')).body).toMatchObject({ version: 2, currentVersion: 2, price: { run: '2' } })
  expect((await view('?version=1')).body).toMatchObject({ version: 1, currentVersion: 2, price: { run: '1' } })
  expect((await site.get(caller, `api/agents/${agentId}/quote?version=1`)).body).toMatchObject({ hold: '1' })
  const pinned = await fetch(new URL(`api/agents/${agentId}/run?version=1`, site.server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'application/json' },
    body: '{}',
  })
  expect(await pinned.json()).toMatchObject({ version: 1, output: 'one', charge: '1' })
  // Somebody else: who agreed to the price of the first one is asked about the second.
  const other = await aCaller(site.database.db, 5n * CREDIT)
  expect((await site.run(other, agentId, {})).body).toMatchObject({ version: 2, output: 'two', charge: '2' })
})

test('a version that never was, or of an agent that one may not see, is not found', async () => {
  expect((await site.get(null, `api/agents/${agentId}?version=9`)).body).toMatchObject({ code: 'VERSION_NOT_FOUND' })
  await site.database.db.pool.query(`update "Agent" set visibility = 'private' where id = $1`, [agentId])
  for (const path of [`api/agents/${agentId}/versions`, `api/agents/${agentId}?version=1`])
    expect((await site.get(null, path)).body).toMatchObject({ code: 'AGENT_NOT_FOUND' })
  expect((await site.get(site.creator, `api/agents/${agentId}/versions`)).status).toBe(200)
})
