import { beforeAll, expect, test } from 'vitest'
import { statement } from '../../src/platform/database.ts'
import { eventually } from '../support/eventually.ts'
import { aChaosSite, type ChaosSite } from './chaos-site.ts'
import { isFull } from './chaos.options.ts'

const OF_CROWD = statement<{ queued: bigint; running: bigint }>(
  'test.crowd',
  `select count(*) filter (where status = 'queued') as queued, count(*) filter (where status = 'running') as running
   from runs where account_id = $1 and queued_at is not null`,
)

let site: ChaosSite
beforeAll(async () => {
  site = await aChaosSite({ callers: 2 })
}, 120_000)

/** Not a stress of the machine: nearly all of the crowd's runs wait, and those that execute only sleep. */
test('one account has thousands of runs queued: another starts its own at once, waited for or queued', async () => {
  const crowdSize = isFull() ? 10_000 : 300
  const { db } = site.database
  const [crowd, other] = site.callers
  const server = await site.start()
  const run = async (apiKey: string | undefined, waitMs: number, prefer: string | null): Promise<number> => {
    const answer = await fetch(new URL(`api/agents/${site.agentId}/run`, server.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        ...(prefer === null ? {} : { prefer }),
      },
      body: JSON.stringify({ say: 'x', waitMs }),
    })
    await answer.body?.cancel()
    return answer.status
  }
  const timed = async (prefer: string | null): Promise<number> => {
    const from = performance.now()
    expect(await run(other?.apiKey, 0, prefer)).toBe(200)
    return performance.now() - from
  }
  // The other's sandbox is warm and its path known before: a first run costs a boot, with or without a crowd.
  const aloneMs: number[] = []
  for (let n = 0; n < 10; n += 1) aloneMs.push(await timed(null), await timed('wait=30'))
  const from = performance.now()
  for (let n = 0; n < crowdSize; n += 50) {
    const answered = await Promise.all(Array.from({ length: 50 }, () => run(crowd?.apiKey, 4_500, 'respond-async')))
    expect(answered.filter((status) => status !== 202)).toEqual([])
  }
  const queuedMs = performance.now() - from
  await eventually(async () => expect((await db.query(OF_CROWD, [crowd?.accountId]))[0]?.running).toBe(24n), {
    withinMs: 20_000,
  })
  const direct: number[] = []
  const queued: number[] = []
  for (let n = 0; n < 20; n += 1) {
    direct.push(await timed(null))
    queued.push(await timed('wait=30'))
  }
  const [left] = await db.query(OF_CROWD, [crowd?.accountId])
  // Had it waited for its turn behind the crowd, the crowd would be gone by now.
  expect(Number(left?.queued)).toBeGreaterThan(crowdSize / 4)
  expect(Number(left?.running)).toBeLessThanOrEqual(24)
  process.stderr.write(
    `${crowdSize} queued in ${Math.round(queuedMs)} ms; another's run, p50 and worst: waited for ${words(direct)}, ` +
      `queued ${words(queued)}, before the crowd ${words(aloneMs)}; ${left?.queued} still wait\n`,
  )
}, 600_000)

function words(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b)
  return `${sorted[sorted.length >> 1]?.toFixed(0)} and ${sorted.at(-1)?.toFixed(0)} ms`
}
