import { PgBoss } from 'pg-boss'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { defineErrors } from '../platform/errors.ts'
import { statement, type Database } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'

import { aDatabase } from '../../test/support/database.ts'
import { createJobQueue, defineJob, exponential, type DeclaredJob, type JobContext, type JobQueue } from './index.ts'

type Work = { readonly handle: (payload: { n: number }, context: JobContext) => Promise<void> }
const errors = defineErrors({
  TEST_IS_HOPELESS: { status: 400, retry: 'never', title: 'No', fix: 'Nothing.' },
})
const COUNT_THINGS = statement<{ count: bigint }>('test.count_things', 'select count(*) from things')
const ADD_THING = statement('test.add_thing', 'insert into things values ($1)')

let url: string
let database: Database
let queues: JobQueue[]

beforeEach(async () => {
  ;({ url, db: database } = await aDatabase())
  queues = []
})
afterEach(async () => {
  for (const queue of queues) await queue.stop()
})

const aJob = (name: string, facts: { attempts?: number; timeoutMs?: number; schedule?: string } = {}) =>
  defineJob<Work, { n: number }>(
    name,
    {
      payload: z.object({ n: z.number().int().default(0) }),
      attempts: 3,
      backoff: exponential({ firstMs: 1_000, maxMs: 1_000 }),
      timeoutMs: 5_000,
      ...facts,
    },
    async () => ({ handle: (deps, payload, context) => deps.handle(payload, context) }),
  )

async function aQueue(jobs: readonly DeclaredJob<Work>[], handle: Work['handle'], role: 'works' | 'sends' = 'works') {
  const queue = createJobQueue<Work>({
    url,
    poolMax: 3,
    log: createLogger('silent'),
    jobs,
    deps: { handle },
    role,
    pollSeconds: 0.5,
  })
  queues.push(queue)
  await queue.start(new AbortController().signal)
  return queue
}

test('a job that is enqueued runs with its payload', async () => {
  const job = aJob('greet')
  const seen: number[] = []
  const jobs = await aQueue([job], async ({ n }) => void seen.push(n))
  await job.enqueue({ jobs }, { n: 7 })
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual([7])
})

test('a payload that the job does not declare is refused where it is enqueued', async () => {
  const job = aJob('greet')
  const jobs = await aQueue([job], async () => {})
  await expect(async () => job.enqueue({ jobs }, JSON.parse('{"n":"seven"}'))).rejects.toThrow(z.ZodError)
})

test('a job enqueued in a transaction exists only after its commit, together with its row', async () => {
  const job = aJob('greet')
  const seen: number[] = []
  const jobs = await aQueue([job], async ({ n }) => void seen.push(n))
  await database.pool.query('create table things (n int)')
  const rolledBack = database.transaction(async (tx) => {
    await tx.execute(ADD_THING, [1])
    await job.enqueue({ jobs, tx }, { n: 1 })
    throw new Error('changed my mind')
  })
  await expect(rolledBack).rejects.toThrow('changed my mind')
  await database.transaction(async (tx) => {
    await tx.execute(ADD_THING, [2])
    await job.enqueue({ jobs, tx }, { n: 2 })
  })
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual([2])
  expect(await database.query(COUNT_THINGS)).toEqual([{ count: 1n }])
})

test('a job that fails is tried again, and told which attempt is its last', async () => {
  const job = aJob('flaky', { attempts: 3 })
  const attempts: [number, boolean][] = []
  const jobs = await aQueue([job], async (_, { attempt, isLastAttempt }) => {
    attempts.push([attempt, isLastAttempt])
    if (attempts.length < 3) throw new Error('not yet')
  })
  await job.enqueue({ jobs }, { n: 1 })
  await expect
    .poll(() => attempts, { timeout: 10_000 })
    .toEqual([
      [1, false],
      [2, false],
      [3, true],
    ])
  expect(await jobs.countDeadLetters()).toBe(0)
}, 15_000)

test('a job whose attempts are used up waits in the dead letter, and can be sent back', async () => {
  const job = aJob('hopeful', { attempts: 1 })
  let isMended = false
  const seen: number[] = []
  const jobs = await aQueue([job], async ({ n }) => {
    if (!isMended) throw new Error('broken')
    seen.push(n)
  })
  await job.enqueue({ jobs }, { n: 5 })
  await expect.poll(() => jobs.countDeadLetters(), { timeout: 5_000 }).toBe(1)
  isMended = true
  expect(await jobs.redriveDeadLetters()).toBe(1)
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual([5])
})

test('an error that no retry can mend goes to the dead letter at its first attempt', async () => {
  const job = aJob('hopeless', { attempts: 5 })
  let attempts = 0
  const jobs = await aQueue([job], async () => {
    attempts += 1
    throw errors.TEST_IS_HOPELESS()
  })
  await job.enqueue({ jobs }, { n: 1 })
  await expect.poll(() => jobs.countDeadLetters(), { timeout: 5_000 }).toBe(1)
  expect(attempts).toBe(1)
})

test('a handler that runs into its deadline is told by its signal, and the job fails', async () => {
  const job = aJob('slow', { attempts: 1, timeoutMs: 1_000 })
  let isAborted = false
  const jobs = await aQueue([job], async (_, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    isAborted = true
  })
  await job.enqueue({ jobs }, { n: 1 })
  await expect.poll(() => isAborted, { timeout: 5_000 }).toBe(true)
  await expect.poll(() => jobs.countDeadLetters(), { timeout: 5_000 }).toBe(1)
})

test('a job enqueued twice with the same once-key runs once, also after it is done', async () => {
  const job = aJob('single')
  const seen: number[] = []
  const jobs = await aQueue([job], async ({ n }) => void seen.push(n))
  const first = await job.enqueue({ jobs }, { n: 1 }, { once: 'k' })
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual([1])
  expect(await job.enqueue({ jobs }, { n: 2 }, { once: 'k' })).toBe(first)
  await job.enqueue({ jobs }, { n: 3 }, { once: 'other' })
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual([1, 3])
})

test('a declared job without a handler fails the start, naming it', async () => {
  const orphan = defineJob<Work, { n: number }>(
    'orphan',
    { payload: z.object({ n: z.number() }), attempts: 1, backoff: exponential({ firstMs: 1, maxMs: 1 }), timeoutMs: 1 },
    () => Promise.reject(new Error('the module of orphan cannot be loaded')),
  )
  await expect(aQueue([orphan], async () => {})).rejects.toThrow(/without a handler/)
})

test('a job of a type that nobody declares any more goes to the dead letter', async () => {
  const old = aJob('retired_type')
  const sender = await aQueue([old], async () => {}, 'sends')
  await old.enqueue({ jobs: sender }, { n: 1 })
  const jobs = await aQueue([aJob('current')], async () => {})
  await expect.poll(() => jobs.countDeadLetters(), { timeout: 5_000 }).toBe(1)
  await expect(old.enqueue({ jobs }, { n: 2 })).rejects.toMatchObject({ code: 'JOB_TYPE_UNKNOWN' })
})

test('a scheduled job is on the schedule with its cron, and leaves it when the cron is taken out', async () => {
  const boss = new PgBoss(url)
  boss.on('error', () => {})
  await aQueue([aJob('nightly', { schedule: '0 3 * * *' }), aJob('other')], async () => {})
  await boss.start()
  expect((await boss.getSchedules()).map(({ name, cron }) => [name, cron])).toEqual([['nightly', '0 3 * * *']])
  await aQueue([aJob('nightly'), aJob('other')], async () => {})
  expect(await boss.getSchedules()).toEqual([])
  await boss.stop()
})

test('a drain lets the running handler finish and takes no new job', async () => {
  const job = aJob('steady')
  const done: number[] = []
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let isRunning = false
  const jobs = await aQueue([job], async ({ n }) => {
    isRunning = true
    await held
    done.push(n)
  })
  await job.enqueue({ jobs }, { n: 1 })
  await expect.poll(() => isRunning, { timeout: 5_000 }).toBe(true)
  const draining = jobs.drain?.(5_000)
  await job.enqueue({ jobs }, { n: 2 })
  release()
  await draining
  expect(done).toEqual([1])
})
