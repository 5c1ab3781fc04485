import { beforeEach, expect, test } from 'vitest'
import { aDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { aRunLedger, aSuccess, anAdmission } from '../../../test/support/run-ledger.ts'
import { getBalance, rollUpLedger, verifyLedger } from '../../credits/index.ts'
import { statement } from '../../platform/database.ts'
import { createKeyring } from '../../platform/keyring.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { visitorPrincipal } from '../../users/principal.ts'
import type { Admission } from '../admit-runs.ts'
import type { RunLedger } from '../run-ledger.ts'
import { createTrials, type Trials } from './trials.ts'
import { DELETE_OLD_TRIALS } from './trials.queries.ts'

const CREDIT = 1_000_000n
const NOON = Date.parse('2026-11-25T12:00:00Z')
const keyring = createKeyring(['a secret that only this test knows, and nobody else'])
const guest = visitorPrincipal('guest')
const agent = { isTrial: true, manifest: { price: { maxMicro: CREDIT }, egress: [], secrets: [] } }
const HOME = '203.0.113.7'

let database: TestDatabase
let ledger: RunLedger
beforeEach(async () => {
  database = await aDatabase()
  ledger = await aRunLedger(database.url)
})

/** The trials of one process. */
const trialsOf = (options: { perDay?: number; budget?: bigint } = {}): Trials =>
  createTrials(
    { db: database.db, keyring, clock: { nowMs: () => NOON, monotonicMs: () => 0 } },
    {
      perDay: options.perDay ?? 5,
      budget: String(options.budget ?? 200n),
      maxPrice: '15',
      allowEgress: false,
    },
  )

type Try = { readonly trials?: Trials; readonly address?: string; readonly key?: string; readonly holdMicro?: bigint }

/** A guest's run as far as its admission. */
async function aTrial({ trials = trialsOf(), address = HOME, key, holdMicro = CREDIT }: Try = {}) {
  const runId = newUuidV7()
  const order = anAdmission('trials', {
    runId,
    principal: guest.id,
    holdMicro,
    ...(key === undefined ? {} : { key, fingerprint: Buffer.from(key) }),
  })
  const admission = await trials.within(guest, { runId, idempotencyKey: key ?? null, address }, () =>
    ledger.admit(order),
  )
  return { order, admission }
}

const outcomeOf = (tried: PromiseSettledResult<{ admission: Admission }>): string =>
  tried.status === 'fulfilled' ? tried.value.admission.kind : tried.reason.code

const countsOf = (outcomes: readonly string[]) => Object.groupBy(outcomes, (outcome) => outcome)

test('of twelve runs at once from one network, over two processes, exactly five are admitted; another network has its own', async () => {
  const [here, there] = [trialsOf(), trialsOf()]
  const tries = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) => aTrial({ trials: n % 2 === 0 ? here : there })),
  )
  const counts = countsOf(tries.map(outcomeOf))
  expect([counts['admitted']?.length, counts['TRIALS_USED_UP']?.length]).toEqual([5, 7])
  expect(await there.left(agent, HOME)).toBe(0)
  expect(await there.left(agent, '203.0.113.8')).toBe(5)
  expect((await aTrial({ address: '203.0.113.8' })).admission.kind).toBe('admitted')
})

test('a refusal says when free runs begin anew', async () => {
  await expect(aTrial({ trials: trialsOf({ perDay: 0 }) })).rejects.toMatchObject({
    code: 'TRIALS_USED_UP',
    details: { whose: 'yours', resetsAt: '2026-11-26T00:00:00.000Z', retryAfterSeconds: 43_200 },
  })
})

test('all addresses of one IPv6 /64 are one network, however they are written; the next one is another', async () => {
  await aTrial({ address: '2001:db8:1:2::1' })
  await aTrial({ address: '2001:0DB8:0001:0002:ffff::9' })
  expect(await trialsOf().left(agent, '2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe(3)
  expect(await trialsOf().left(agent, '2001:db8:1:3::1')).toBe(5)
})

test('one request sent many times at once counts once, and what was not admitted counts not at all', async () => {
  const tries = await Promise.all(Array.from({ length: 6 }, () => aTrial({ key: 'once' })))
  expect(countsOf(tries.map(({ admission }) => admission.kind))['admitted']).toHaveLength(1)
  expect(await trialsOf().left(agent, HOME)).toBe(4)
  await expect(aTrial({ holdMicro: 300n * CREDIT })).rejects.toMatchObject({ code: 'TRIALS_USED_UP' })
  expect(await trialsOf().left(agent, HOME)).toBe(4)
})

const FORGET_MINUTE = statement('test.forget_minute', `update trial_uses set created_at = now() - interval '2 minutes'`)

test('a trial whose process died before the run was admitted stops counting within a minute', async () => {
  const never = trialsOf().within(guest, { runId: newUuidV7(), idempotencyKey: null, address: HOME }, () =>
    Promise.reject(new Error('killed')),
  )
  await expect(never).rejects.toThrow('killed')
  await aTrial()
  expect(await trialsOf().left(agent, HOME)).toBe(3)
  await database.db.execute(FORGET_MINUTE)
  expect(await trialsOf().left(agent, HOME)).toBe(4)
})

test('together guests cost the site its budget of the day and not a credit more; creators earn their share; the books sum to zero', async () => {
  const trials = trialsOf({ perDay: 100, budget: 3n })
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => aTrial({ trials, address: `203.0.113.${n}` })),
  )
  const counts = countsOf(tries.map(outcomeOf))
  expect([counts['admitted']?.length, counts['TRIALS_USED_UP']?.length]).toEqual([3, 5])
  for (const tried of tries)
    if (tried.status === 'fulfilled') await ledger.settle(aSuccess(tried.value.order, { chargeMicro: CREDIT / 2n }))
  // Half of what was held came back, which is enough for one more.
  expect(await trials.left(agent, HOME)).toBe(1)
  const last = await aTrial({ trials })
  await ledger.settle(aSuccess(last.order))
  await expect(aTrial({ trials })).rejects.toMatchObject({ code: 'TRIALS_USED_UP', details: { whose: 'all' } })
  await rollUpLedger({ db: database.db })
  expect(await getBalance(database, 'creator')).toMatchObject({ earnedMicro: (25n * CREDIT * 8n) / 100n })
  expect(await verifyLedger(database)).toMatchObject({ isSound: true, entriesMicro: 0n, balancesMicro: 0n })
})

const BACK_A_DAY = statement('test.back_a_day', `update trial_days set day = day - 1`)

test('a new day has the budget again, not what was left beside it; a smaller budget holds at once', async () => {
  await aTrial({ trials: trialsOf({ budget: 10n }) })
  await database.db.execute(BACK_A_DAY)
  await aTrial({ trials: trialsOf({ budget: 10n }) })
  expect(await getBalance(database, 'trials')).toMatchObject({ availableMicro: 8n * CREDIT, heldMicro: 2n * CREDIT })
  await aTrial({ trials: trialsOf({ budget: 4n }) })
  expect(await trialsOf({ budget: 4n }).left(agent, HOME)).toBe(1)
  expect(await verifyLedger(database)).toMatchObject({ isSound: true, entriesMicro: 0n, balancesMicro: 0n })
})

const USES = statement<{ network: Buffer; day: string }>('test.uses', 'select network, day::text from trial_uses')
const AGE = statement('test.age_uses', 'update trial_uses set day = day - $1::int')

test('no address is kept, and how often a network had trials is gone after two days', async () => {
  await aTrial()
  const [use] = await database.db.query(USES)
  expect(use?.network).toHaveLength(32)
  expect(use?.network.equals(keyring.mac('trial network', `2026-11-25 ${HOME}`))).toBe(true)
  await database.db.execute(AGE, [1])
  expect(await database.db.execute(DELETE_OLD_TRIALS, [1])).toBe(0)
  await database.db.execute(AGE, [1])
  expect(await database.db.execute(DELETE_OLD_TRIALS, [1])).toBe(1)
})

test.each([
  ['is not marked', { isTrial: false }],
  ['may cost more than guests are given', { manifest: { ...agent.manifest, price: { maxMicro: 16n * CREDIT } } }],
  ['reaches hosts', { manifest: { ...agent.manifest, egress: ['example.com'] } }],
  ['wants secrets', { manifest: { ...agent.manifest, secrets: ['KEY'] } }],
])('guests are offered no agent that %s', async (_what, facts) => {
  const candidate = { ...agent, ...facts }
  expect(await trialsOf().left(candidate, HOME)).toBeNull()
  const refusal = expect.objectContaining({ code: 'UNAUTHENTICATED' })
  expect(() => trialsOf().require(guest, candidate)).toThrow(refusal)
  trialsOf().require(guest, agent)
})
