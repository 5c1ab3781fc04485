import { beforeAll, expect, test } from 'vitest'
import { verifyLedger } from '../../src/credits/index.ts'
import { statement } from '../../src/platform/database.ts'
import { eventually } from '../support/eventually.ts'
import { aChaosSite, PAID_MICRO, type ChaosSite } from './chaos-site.ts'
import { isFull } from './chaos.options.ts'

const CALLERS = 8
const ENDED = statement<{ status: string; code: string | null; charge: bigint; attempts: number; runs: bigint }>(
  'test.queued_ended',
  `select status::text, code, charge_micro as charge, attempts, count(*) as runs from runs
   where queued_at is not null group by 1, 2, 3, 4 order by 1`,
)
const OPEN = statement<{ queued: bigint; running: bigint; owners: bigint }>(
  'test.queued_open',
  `select count(*) filter (where status = 'queued') as queued, count(*) filter (where status = 'running') as running,
     count(distinct owner) as owners from runs where finished_at is null`,
)
const SUCCEEDED = statement<{ id: string }>(
  'test.queued_succeeded',
  `select id from runs where queued_at is not null and status = 'succeeded'`,
)
const HELD = statement<{ held: bigint }>('test.queued_held', 'select sum(held)::bigint as held from ledger_accounts')
/** Started twice: two events of it in one run. */
const STARTED_TWICE = statement<{ runs: bigint }>(
  'test.queued_started_twice',
  `select count(*) as runs from (select run_id from run_events where type = 'run.started'
     group by account_id, run_id having count(*) > 1) twice`,
)

let site: ChaosSite
beforeAll(async () => {
  site = await aChaosSite({ callers: CALLERS, isCounted: true })
}, 120_000)

test('queued in two processes of which one is killed, every run is executed once or lost and free; the rest is done', async () => {
  const count = isFull() ? 5_000 : 120
  const { db } = site.database
  const [first, second] = await Promise.all([site.start(), site.start()])
  const from = performance.now()
  const queue = async (n: number): Promise<number> => {
    const caller = site.callers[n % CALLERS]
    const { url } = n % 2 === 0 ? first : second
    const answer = await fetch(new URL(`api/agents/${site.agentId}/run`, url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${caller?.apiKey}`,
        'content-type': 'application/json',
        prefer: 'respond-async',
      },
      body: JSON.stringify({ say: `run ${n}`, waitMs: isFull() ? 1_000 : 3_000 }),
    })
    await answer.body?.cancel()
    return answer.status
  }
  const answered: number[] = []
  for (let n = 0; n < count; n += 40)
    answered.push(...(await Promise.all(Array.from({ length: Math.min(40, count - n) }, (_, k) => queue(n + k)))))
  expect(answered.filter((status) => status !== 202)).toEqual([])
  const queuedMs = performance.now() - from
  // In the middle of the work of both.
  await eventually(async () => expect((await db.query(OPEN))[0]?.owners).toBe(2n), { withinMs: 20_000 })
  const [open] = await db.query(OPEN)
  await first.kill()
  await eventually(async () => expect(await db.query(OPEN)).toEqual([{ queued: 0n, running: 0n, owners: 0n }]), {
    withinMs: isFull() ? 900_000 : 120_000,
  })
  // The agent's own word, which no process can take back: none began twice, and what succeeded began.
  expect([...site.begun].filter(([, times]) => times > 1)).toEqual([])
  const succeeded = await db.query(SUCCEEDED)
  expect(succeeded.filter(({ id }) => site.begun.get(id) !== 1)).toEqual([])
  const ended = await db.query(ENDED)
  const by = (status: string) =>
    Number(ended.filter((row) => row.status === status).reduce((sum, row) => sum + row.runs, 0n))
  expect(ended.filter((row) => row.status === 'failed').every((row) => row.code === 'RUN_LOST')).toBe(true)
  expect(ended.every((row) => row.charge === (row.status === 'succeeded' ? PAID_MICRO : 0n))).toBe(true)
  expect(ended.every((row) => row.attempts === 1)).toBe(true)
  expect(by('succeeded') + by('failed')).toBe(count)
  // Otherwise the kill met an idle process and nothing was shown.
  expect(by('failed')).toBeGreaterThan(0)
  expect(await db.query(STARTED_TWICE)).toEqual([{ runs: 0n }])
  expect(await db.query(HELD)).toEqual([{ held: 0n }])
  expect((await verifyLedger({ db })).isSound).toBe(true)
  process.stderr.write(
    `${count} queued in ${Math.round(queuedMs)} ms; at the kill ${open?.queued} waited and ${open?.running} executed; ${by('succeeded')} succeeded, ${by('failed')} lost and not charged, ` +
      `${Math.round(performance.now() - from)} ms in all\n`,
  )
}, 1_200_000)
