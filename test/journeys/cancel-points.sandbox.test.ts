import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { formatCredits } from '../../src/credits/index.ts'
import { statement } from '../../src/platform/database.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { readEvents } from '../support/read-events.ts'
import { aRunSite, send, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const RUN_MICRO = CREDIT
const STEP_MICRO = CREDIT / 8n

/** What an agent does before it waits to be stopped. */
const step = fc.oneof(
  fc.constant({ kind: 'log' } as const),
  fc.constant({ kind: 'progress' } as const),
  fc.record({ kind: fc.constant('emit' as const), paid: fc.boolean() }),
  fc.record({ kind: fc.constant('put' as const), paid: fc.boolean() }),
  fc.record({ kind: fc.constant('charge' as const), count: fc.integer({ min: 1, max: 4 }) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const STEPPER = `export default async ({ steps }, ctx) => {
  for (const [n, step] of steps.entries()) {
    if (step.kind === 'log') ctx.log.info('a line')
    if (step.kind === 'progress') ctx.progress(0.5)
    if (step.kind === 'emit') ctx.emit(n, step.paid ? { charge: 'step' } : undefined)
    if (step.kind === 'put') await ctx.artifacts.put('file ' + n, 'content', step.paid ? { charge: 'step' } : undefined)
    if (step.kind === 'charge') ctx.charge('step', step.count)
  }
  // Charges are gathered for some milliseconds; this line comes after them.
  await new Promise((done) => setTimeout(done, 60))
  ctx.log.info('stop me')
  await new Promise((done) => { const t = setTimeout(done, 20_000); ctx.signal.addEventListener('abort', () => { clearTimeout(t); done() }) })
}`
const STANDING = statement<{ held: bigint; posted: bigint; captured: bigint }>(
  'test.standing_cancel',
  `select (select sum(held) from ledger_accounts where account_id = $1)::bigint as held,
     (select sum(posted) from ledger_accounts where account_id = $1)::bigint as posted,
     coalesce((select sum(amount_micro) from transfers where account_id = $1 and type = 'capture'), 0)::bigint as captured`,
)

/** What DESIGN says a canceled run costs: nothing before anything left, else the price and the events so far. */
function priceOf(steps: readonly Step[]): bigint {
  const hasLeft = steps.some(({ kind }) => kind === 'emit' || kind === 'put' || kind === 'charge')
  if (!hasLeft) return 0n
  const events = steps.reduce(
    (sum, one) => sum + (one.kind === 'charge' ? one.count : 'paid' in one && one.paid ? 1 : 0),
    0,
  )
  return RUN_MICRO + BigInt(events) * STEP_MICRO
}

let site: RunSite
let agentId: string
beforeAll(async () => {
  site = await aRunSite()
  agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Stepper',
    source: STEPPER,
    runMicro: RUN_MICRO,
    events: { step: STEP_MICRO },
    maxMicro: 10n * CREDIT,
    timeoutMs: 30_000,
  })
}, 120_000)

const post = (caller: Caller, path: string) =>
  send(new URL(path, site.server.url), { method: 'POST', headers: { authorization: `Bearer ${caller.apiKey}` } })

test('wherever a run is stopped, it costs nothing before anything was delivered, and exactly what was delivered after', async () => {
  const caller = await aCaller(site.database.db, 10_000n * CREDIT)
  let expected = 0n
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const queued = await site.run(caller, agentId, { steps }, { prefer: 'respond-async' })
      expect(queued.status).toBe(202)
      const runId = String(queued.body['runId'])
      const events = await fetch(new URL(`api/runs/${runId}/events`, site.server.url), {
        headers: { authorization: `Bearer ${caller.apiKey}` },
      })
      await readEvents(events, ({ data }) => data['message'] === 'stop me')
      const canceled = await post(caller, `api/runs/${runId}/cancel`)
      expected += priceOf(steps)
      expect([canceled.status, canceled.body['charge']]).toEqual([200, formatCredits(priceOf(steps))])
      const [now] = await site.database.db.query(STANDING, [caller.accountId])
      expect(now).toEqual({ held: 0n, posted: 10_000n * CREDIT - expected, captured: expected })
      expect((await post(caller, `api/runs/${runId}/cancel`)).status).toBe(409)
    }),
    { numRuns: 30, interruptAfterTimeLimit: 90_000 },
  )
}, 150_000)
