import { beforeAll, describe, expect, test } from 'vitest'
import { getBalance, verifyLedger } from '../credits/index.ts'
import { statement } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { aFailure, anAccount, anAdmission, aRunLedger, aSuccess } from '../../test/support/run-ledger.ts'
import { awaitRun } from './await-run.ts'
import { findRun } from './find-run.ts'
import type { RunLedger } from './run-ledger.ts'

const COUNT_RUNS = statement<{ readonly runs: bigint }>(
  'test.count_runs',
  'select count(*) as runs from runs where account_id = $1',
)
const TRANSFERS = statement<{ readonly leg: string }>(
  'test.transfers_of',
  `select concat_ws(' ', leg, debit_kind, credit_account_id, credit_kind, amount_micro) as leg from transfers
   where account_id = $1 and operation_id = $2 order by transfers.leg`,
)
const EXPIRE_KEYS = statement(
  'test.expire_keys',
  `update idempotency_keys set expires_at = now() where account_id = $1`,
)

const print = (byte: number): Buffer => Buffer.alloc(32, byte)
let database: TestDatabase
let ledger: RunLedger
beforeAll(async () => {
  database = await aDatabase()
  ledger = await aRunLedger(database.url)
})

const runsOf = async (accountId: string): Promise<number> => {
  const [row] = await database.db.query(COUNT_RUNS, [accountId])
  return Number(row?.runs)
}
const legsOf = async (accountId: string, runId: string): Promise<string[]> =>
  (await database.db.query(TRANSFERS, [accountId, runId])).map((row) => row.leg)
const balanceOf = (accountId: string) => getBalance({ db: database.db }, accountId)

/** The same behaviour whether an order goes alone or with others, hence through the other function. */
describe.each([
  ['alone', 1],
  ['in a batch', 5],
])('a run that is sent %s', (_name, company) => {
  /** Sends something while other accounts' admissions and settlements leave in the same turn of the event loop. */
  async function together<T>(send: () => Promise<T>): Promise<T> {
    const fillers = await Promise.all(
      Array.from({ length: 2 * (company - 1) }, async () =>
        anAdmission(await anAccount(database.db), { holdMicro: 0n }),
      ),
    )
    const admitting = fillers.slice(company - 1)
    const settling = fillers.slice(0, company - 1)
    await Promise.all(settling.map((order) => ledger.admit(order)))
    const sent = [
      ...settling.map((order) => ledger.settle(aFailure(order))),
      ...admitting.map((order) => ledger.admit(order)),
    ]
    const result = await send()
    await Promise.all(sent)
    return result
  }

  test('holds granted credits before bought ones, and what is charged is split the same way', async () => {
    const payer = await anAccount(database.db, { granted: 6n, bought: 100n })
    const order = anAdmission(payer, { holdMicro: 20n })
    const admission = await together(() => ledger.admit(order))
    expect(admission.kind).toBe('admitted')
    expect(await balanceOf(payer)).toMatchObject({
      grantedMicro: 6n,
      boughtMicro: 100n,
      heldMicro: 20n,
      availableMicro: 86n,
    })

    const settlement = await together(() => ledger.settle(aSuccess(order, { chargeMicro: 17n })))
    // 6 granted: 4 to the creator, 2 to the platform. 11 bought: 8 and 3. The platform takes what rounding leaves.
    expect(settlement).toMatchObject({ kind: 'settled', chargeMicro: 17n, creatorMicro: 12n })
    expect(await legsOf(payer, order.runId)).toEqual([
      '1 granted creator earned_granted 4',
      '2 granted platform fees 2',
      '3 bought creator earned 8',
      '4 bought platform fees 3',
    ])
    expect(await balanceOf(payer)).toMatchObject({
      grantedMicro: 0n,
      boughtMicro: 89n,
      heldMicro: 0n,
      availableMicro: 89n,
    })
    const row = await findRun({ db: database.db }, payer, order.runId)
    expect(row).toMatchObject({ status: 'succeeded', chargeMicro: 17n, creatorMicro: 12n, waitMs: 1.5, runMs: 2.5 })
    expect(row?.finishedAt).toEqual(settlement.kind === 'settled' ? settlement.finishedAt : null)
    expect(row?.createdAt).toEqual(admission.kind === 'admitted' ? admission.createdAt : null)
  })

  test('and fails costs nothing and gives the hold back', async () => {
    const payer = await anAccount(database.db, { granted: 3n, bought: 7n })
    const order = anAdmission(payer)
    await together(() => ledger.admit(order))
    expect(await together(() => ledger.settle(aFailure(order)))).toMatchObject({ kind: 'settled', chargeMicro: 0n })
    expect(await balanceOf(payer)).toMatchObject({ grantedMicro: 3n, boughtMicro: 7n, heldMicro: 0n })
    expect(await legsOf(payer, order.runId)).toEqual([])
  })

  test('is never charged more than it held', async () => {
    const payer = await anAccount(database.db, { bought: 100n })
    const order = anAdmission(payer)
    await together(() => ledger.admit(order))
    expect(await together(() => ledger.settle(aSuccess(order, { chargeMicro: 99n })))).toMatchObject({
      chargeMicro: 10n,
    })
    expect(await balanceOf(payer)).toMatchObject({ boughtMicro: 90n, heldMicro: 0n })
  })

  test('and settled twice is charged once', async () => {
    const payer = await anAccount(database.db, { bought: 100n })
    const order = anAdmission(payer)
    await together(() => ledger.admit(order))
    const settlements = await together(() =>
      Promise.all(Array.from({ length: 8 }, () => ledger.settle(aSuccess(order)))),
    )
    expect(settlements.map((settlement) => settlement.kind).sort()).toEqual([
      ...Array(7).fill('already_settled'),
      'settled',
    ])
    expect(await together(() => ledger.settle(aFailure(order)))).toEqual({ kind: 'already_settled' })
    expect(await balanceOf(payer)).toMatchObject({ boughtMicro: 90n, heldMicro: 0n })
  })

  test('by its own creator earns what cannot be paid out', async () => {
    const payer = await anAccount(database.db, { bought: 10n })
    const order = anAdmission(payer, { creatorAccountId: payer })
    await together(() => ledger.admit(order))
    await together(() => ledger.settle(aSuccess(order)))
    expect(await balanceOf(payer)).toMatchObject({ boughtMicro: 0n, earnedMicro: 0n, earnedGrantedMicro: 8n })
  })

  test('is refused with what is available when the credits do not reach', async () => {
    const payer = await anAccount(database.db, { granted: 4n, bought: 5n })
    expect(await together(() => ledger.admit(anAdmission(payer)))).toEqual({ kind: 'insufficient', availableMicro: 9n })
    expect(await runsOf(payer)).toBe(0)
  })

  test('by an account that does not exist is told apart from a repeated one', async () => {
    const order = anAdmission('nobody', { key: 'k', fingerprint: print(1) })
    expect(await together(() => ledger.admit(order))).toEqual({ kind: 'unknown_account' })
  })

  test('under a key that stands answers with the first run, and under another body is refused', async () => {
    const payer = await anAccount(database.db, { bought: 100n })
    const first = anAdmission(payer, { key: 'k', fingerprint: print(1) })
    expect(await ledger.admit(first)).toMatchObject({ kind: 'admitted' })
    const same = anAdmission(payer, { key: 'k', fingerprint: print(1) })
    expect(await together(() => ledger.admit(same))).toEqual({ kind: 'duplicate', runId: first.runId })
    const other = anAdmission(payer, { key: 'k', fingerprint: print(2) })
    expect(await together(() => ledger.admit(other))).toEqual({ kind: 'key_reused' })
    const elsewhere = anAdmission(payer, { key: 'k', fingerprint: print(2), principal: 'user:other' })
    expect(await together(() => ledger.admit(elsewhere))).toMatchObject({ kind: 'admitted' })
    expect(await runsOf(payer)).toBe(2)
    expect((await balanceOf(payer)).heldMicro).toBe(20n)
  })

  test('that was refused for lack of credits leaves its key unused', async () => {
    const payer = await anAccount(database.db)
    const order = anAdmission(payer, { key: 'k', fingerprint: print(1) })
    expect(await together(() => ledger.admit(order))).toMatchObject({ kind: 'insufficient' })
    const free = anAdmission(payer, { key: 'k', fingerprint: print(2), holdMicro: 0n })
    expect(await together(() => ledger.admit(free))).toMatchObject({ kind: 'admitted' })
  })

  test('under a key that has expired is a new run', async () => {
    const payer = await anAccount(database.db, { bought: 100n })
    const first = anAdmission(payer, { key: 'k', fingerprint: print(1) })
    await ledger.admit(first)
    await database.db.execute(EXPIRE_KEYS, [payer])
    const second = anAdmission(payer, { key: 'k', fingerprint: print(2) })
    expect(await together(() => ledger.admit(second))).toMatchObject({ kind: 'admitted' })
    const third = anAdmission(payer, { key: 'k', fingerprint: print(2) })
    expect(await together(() => ledger.admit(third))).toEqual({ kind: 'duplicate', runId: second.runId })
  })
})

test('one key sent 50 times at once through two processes is one run', async () => {
  const other = await aRunLedger(database.url)
  const payer = await anAccount(database.db, { bought: 1_000n })
  const admissions = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      (n % 2 === 0 ? ledger : other).admit(anAdmission(payer, { key: 'same', fingerprint: print(1) })),
    ),
  )
  expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(1)
  expect(admissions.filter(({ kind }) => kind === 'duplicate')).toHaveLength(49)
  const named = new Set(admissions.flatMap((admission) => (admission.kind === 'duplicate' ? [admission.runId] : [])))
  expect(named.size).toBe(1)
  expect(await runsOf(payer)).toBe(1)
  expect((await balanceOf(payer)).heldMicro).toBe(10n)
})

test('one key with 25 different bodies through two processes: one runs, the others are told the key is used', async () => {
  const other = await aRunLedger(database.url)
  const payer = await anAccount(database.db, { bought: 1_000n })
  const admissions = await Promise.all(
    Array.from({ length: 25 }, (_, n) =>
      (n % 2 === 0 ? ledger : other).admit(anAdmission(payer, { key: 'differs', fingerprint: print(n) })),
    ),
  )
  expect(admissions.map(({ kind }) => kind).sort()).toEqual(['admitted', ...Array(24).fill('key_reused')])
})

test('forty runs race for the last three credits, in two processes: three are admitted, the others learn what is left', async () => {
  const other = await aRunLedger(database.url)
  const payer = await anAccount(database.db, { granted: 15n, bought: 15n })
  const admissions = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? ledger : other).admit(anAdmission(payer))),
  )
  expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(3)
  expect(admissions.filter(({ kind }) => kind === 'insufficient')).toHaveLength(37)
  expect(admissions).toContainEqual({ kind: 'insufficient', availableMicro: 0n })
  expect(await balanceOf(payer)).toMatchObject({ heldMicro: 30n, availableMicro: 0n })
})

test('a run too dear for the account does not hide the cheap one behind it in the same batch', async () => {
  const payer = await anAccount(database.db, { bought: 30n })
  const holds = [20n, 25n, 40n, 5n, 5n, 5n]
  const admissions = await Promise.all(holds.map((holdMicro) => ledger.admit(anAdmission(payer, { holdMicro }))))
  expect(admissions.map(({ kind }) => kind)).toEqual([
    'admitted',
    'insufficient',
    'insufficient',
    'admitted',
    'admitted',
    'insufficient',
  ])
})

test('a hundred callers admit and settle at once, and the ledger is sound', async () => {
  const accounts = await Promise.all(
    Array.from({ length: 10 }, () => anAccount(database.db, { granted: 55n, bought: 1_000n })),
  )
  await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const order = anAdmission(accounts[n % accounts.length] ?? '')
      expect(await ledger.admit(order)).toMatchObject({ kind: 'admitted' })
      const end = n % 3 === 0 ? aFailure(order) : aSuccess(order, { chargeMicro: BigInt(n % 11) })
      expect(await ledger.settle(end)).toMatchObject({ kind: 'settled' })
    }),
  )
  expect(await verifyLedger({ db: database.db })).toMatchObject({ isSound: true, accounts: [], captures: [] })
})

test('who waits for a run hears of its end at once in this process, and soon in another', async () => {
  const other = await aRunLedger(database.url)
  const payer = await anAccount(database.db, { bought: 10n })
  const order = anAdmission(payer)
  await ledger.admit(order)
  const untilMs = Date.now() + 10_000
  const waits = [ledger, other].map((where) => awaitRun({ ledger: where }, payer, order.runId, { untilMs }))
  await ledger.settle(aSuccess(order))
  const rows = await Promise.all(waits)
  expect(rows.map((row) => row?.status)).toEqual(['succeeded', 'succeeded'])
  expect(Date.now()).toBeLessThan(untilMs)
})

test('who waits too long, or gives up, gets the run as it stands; a stranger gets nothing', async () => {
  const payer = await anAccount(database.db, { bought: 10n })
  const order = anAdmission(payer)
  await ledger.admit(order)
  const late = await awaitRun({ ledger }, payer, order.runId, { untilMs: Date.now() + 30 })
  const signal = AbortSignal.timeout(30)
  const gone = await awaitRun({ ledger }, payer, order.runId, { untilMs: Date.now() + 10_000, signal })
  expect([late?.status, gone?.status]).toEqual(['running', 'running'])
  expect(await awaitRun({ ledger }, 'stranger', order.runId, { untilMs: 0 })).toBeNull()
  expect(await awaitRun({ ledger }, payer, newUuidV7(), { untilMs: 0 })).toBeNull()
})
