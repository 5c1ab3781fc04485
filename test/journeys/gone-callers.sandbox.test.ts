import { expect, test } from 'vitest'
import { statement } from '../../src/platform/database.ts'
import { aCaller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const RUNS = statement<{ status: string; charge_micro: bigint }>(
  'test.runs',
  'select status, charge_micro from runs where account_id = $1 order by id',
)

test('who goes away while waiting for a place is not run and not charged; who goes away while running is', async () => {
  const site = await aRunSite({ BUREAU_SANDBOX_MAX_RUNNING: '1' })
  const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Slow',
    runMicro: CREDIT,
    source: `export default async ({ ms = 8_000 }) => { await new Promise((done) => setTimeout(done, ms)); return 1 }`,
  })
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const send = (signal: AbortSignal) =>
    fetch(new URL(`api/agents/${agentId}/run`, site.server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'application/json' },
      body: '{}',
      signal,
    }).catch((error: unknown) => error)
  const runs = () => site.database.db.query(RUNS, [caller.accountId])
  const first = new AbortController()
  const running = send(first.signal)
  await eventually(async () => expect(await runs()).toHaveLength(1), { withinMs: 10_000 })
  const second = new AbortController()
  const waiting = send(second.signal)
  await eventually(
    async () => expect((await site.get(null, 'api/health')).body).toMatchObject({ sandbox: { waiting: 1 } }),
    { withinMs: 4_000 },
  )
  second.abort()
  first.abort()
  await Promise.all([running, waiting])
  // It leaves the queue at once, while the first still runs.
  await eventually(
    async () => expect((await site.get(null, 'api/health')).body).toMatchObject({ sandbox: { waiting: 0 } }),
    { withinMs: 3_000 },
  )
  expect(await runs()).toMatchObject([{ status: 'running' }])
  await eventually(async () => expect(await runs()).toMatchObject([{ status: 'succeeded' }]), { withinMs: 20_000 })
  const third = await site.run(caller, agentId, { ms: 10 })
  expect(third.status).toBe(200)
  expect(await runs()).toEqual([
    { status: 'succeeded', charge_micro: CREDIT },
    { status: 'succeeded', charge_micro: CREDIT },
  ])
})
