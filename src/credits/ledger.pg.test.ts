import { beforeAll, expect, test } from 'vitest'
import { statement } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { createLogger } from '../platform/logger.ts'
import { PERMISSIONS, type Principal } from '../users/index.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { anAccount, anAdmission, aRunLedger, aSuccess } from '../../test/support/run-ledger.ts'
import type { RunLedger } from '../runs/run-ledger.ts'
import { createPartitions } from './create-partitions.ts'
import { exportStatement } from './export-statement.ts'
import { getBalance } from './get-balance.ts'
import { listTransfers, presentTransfer } from './list-transfers.ts'
import { grantCredits, purchaseCredits } from './post-credits.ts'
import { rollUpLedger } from './roll-up-ledger.ts'
import { verifyLedger } from './verify-ledger.ts'

const COUNT_DELTAS = statement<{ readonly n: bigint }>('test.count_deltas', 'select count(*) as n from ledger_deltas')
const STEAL = statement(
  'test.steal',
  `update ledger_accounts set posted = posted + 1 where account_id = $1 and kind = 'bought'`,
)
const GIVE_BACK = statement(
  'test.give_back',
  `update ledger_accounts set posted = posted - 1 where account_id = $1 and kind = 'bought'`,
)
const FORGE = statement(
  'test.forge',
  'update transfers set amount_micro = amount_micro + $2 where account_id = $1 and leg = 4',
)
const FORGET_HOLD = statement(
  'test.forget_hold',
  `update ledger_accounts set held = held + $2 where account_id = $1 and kind = 'bought'`,
)

let database: TestDatabase
let ledger: RunLedger
beforeAll(async () => {
  database = await aDatabase()
  ledger = await aRunLedger(database.url)
})

function memberOf(accountId: string): Principal {
  return {
    kind: 'user',
    id: 'user:1',
    accountId,
    userId: '1',
    permissions: new Set(PERMISSIONS),
    agentIds: null,
    isAdmin: false,
  }
}
const page = (limit: number, after: readonly [string, number] | null = null) => ({
  limit,
  take: limit + 1,
  after: after === null ? null : ([after[0], after[1]] satisfies [string, number]),
  fields: null,
})

async function aPaidRun(payer: string, creatorAccountId: string, micro: bigint): Promise<string> {
  const order = anAdmission(payer, { holdMicro: micro, creatorAccountId })
  await ledger.admit(order)
  await ledger.settle(aSuccess(order))
  return order.runId
}

test('a grant asked for twenty times at once under one operation is posted once', async () => {
  const { db } = database
  const accountId = await anAccount(db)
  const operationId = newUuidV7()
  await Promise.all(Array.from({ length: 20 }, () => grantCredits({ db }, { accountId, amountMicro: 5n, operationId })))
  expect(await getBalance({ db }, accountId)).toMatchObject({ grantedMicro: 5n, boughtMicro: 0n, availableMicro: 5n })
  const conflict = expect.objectContaining({ code: 'CREDITS_OPERATION_CONFLICT' })
  await expect(grantCredits({ db }, { accountId, amountMicro: 6n, operationId })).rejects.toEqual(conflict)
  await expect(purchaseCredits({ db }, { accountId, amountMicro: 5n, operationId })).rejects.toEqual(conflict)
})

test('credits for an account that does not exist, or of no amount, are refused and leave nothing', async () => {
  const { db } = database
  await expect(grantCredits({ db }, { accountId: 'nobody', amountMicro: 5n })).rejects.toMatchObject({
    code: 'CREDITS_ACCOUNT_UNKNOWN',
  })
  const accountId = await anAccount(db)
  await expect(grantCredits({ db }, { accountId, amountMicro: 0n })).rejects.toThrow(RangeError)
  await expect(grantCredits({ db }, { accountId, amountMicro: -1n })).rejects.toThrow(RangeError)
  expect((await verifyLedger({ db })).isSound).toBe(true)
})

test('a creator sees their earnings at once, and a roll-up, or four of them, changes no balance', async () => {
  const { db } = database
  const creator = await anAccount(db)
  const payer = await anAccount(db, { granted: 10n, bought: 100n })
  for (let run = 0; run < 6; run++) await aPaidRun(payer, creator, 10n)
  const before = await getBalance({ db }, creator)
  expect(before).toMatchObject({ earnedMicro: 40n, earnedGrantedMicro: 8n, availableMicro: 0n })
  const moved = await Promise.all([1, 2, 3, 4].map(() => rollUpLedger({ db })))
  expect(Math.max(...moved)).toBeGreaterThan(0)
  await rollUpLedger({ db })
  expect(await db.query(COUNT_DELTAS)).toEqual([{ n: 0n }])
  expect(await getBalance({ db }, creator)).toEqual(before)
  expect((await verifyLedger({ db })).isSound).toBe(true)
})

test('the statement shows what an account paid, was given and earned, newest first, in pages without gaps', async () => {
  const { db } = database
  const creator = await anAccount(db, { granted: 3n })
  const payer = await anAccount(db, { granted: 5n, bought: 100n })
  const runs = [await aPaidRun(payer, creator, 10n), await aPaidRun(creator, creator, 3n)]
  const all = await listTransfers({ db }, memberOf(creator), page(100))
  expect(all.map(presentTransfer).map((t) => `${t.type} ${t.direction} ${t.from} ${t.to} ${t.amount}`)).toEqual([
    'capture out granted fees 0.000001',
    'capture within granted earned_granted 0.000002',
    'capture in bought earned 0.000004',
    'capture in granted earned_granted 0.000004',
    'grant in grants_issued granted 0.000003',
  ])
  expect(all.map((t) => t.operation_id).slice(0, 4)).toEqual([runs[1], runs[1], runs[0], runs[0]])
  expect(JSON.stringify(all.map(presentTransfer))).not.toContain(payer)

  const paged: string[] = []
  let after: readonly [string, number] | null = null
  for (;;) {
    const rows: Awaited<ReturnType<typeof listTransfers>> = await listTransfers(
      { db },
      memberOf(creator),
      page(2, after),
    )
    paged.push(...rows.slice(0, 2).map((t) => `${t.operation_id} ${t.leg}`))
    const last = rows[1]
    if (rows.length <= 2 || last === undefined) break
    after = [last.operation_id, last.leg]
  }
  expect(paged).toEqual(all.map((t) => `${t.operation_id} ${t.leg}`))
})

test('a statement names the run that was paid to the payer alone, and no agent becomes a formula in the spreadsheet', async () => {
  const { db } = database
  const [payer, creator] = [await anAccount(db, { bought: 1_000n }), await anAccount(db)]
  const agentId = `agent-${creator}`
  const insert = statement(
    'test.insert_named_agent',
    `insert into "Agent" (id, name, description, "fileUrl", "createdBy", "accountId", slug)
     values ($1, '=HYPERLINK("http://evil.example")', '', '', 'x', $2, 'x')`,
  )
  await db.execute(insert, [agentId, creator])
  const order = anAdmission(payer, { agentId, creatorAccountId: creator })
  await ledger.admit(order)
  await ledger.settle(aSuccess(order))
  const [paid] = await listTransfers({ db }, memberOf(payer), page(1))
  const [earned] = await listTransfers({ db }, memberOf(creator), page(1))
  if (paid === undefined || earned === undefined) throw new Error('nothing was charged')
  expect(presentTransfer(paid)).toMatchObject({ runId: order.runId, agent: { id: agentId } })
  expect(presentTransfer(earned)).toMatchObject({ runId: null, agent: { id: agentId } })
  const csv = await exportStatement({ db }, memberOf(payer), null)
  expect(csv.split('\r\n')[1]).toContain(`"'=HYPERLINK(""http://evil.example"")"`)
})

test('who may not read credits gets neither statement nor balance', async () => {
  const principal = { ...memberOf('account'), permissions: new Set([]) }
  await expect(listTransfers({ db: database.db }, principal, page(1))).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('verification finds a balance, a hold and a transfer that were changed by hand', async () => {
  const { db } = database
  const payer = await anAccount(db, { bought: 100n })
  const runId = await aPaidRun(payer, 'creator', 10n)
  await ledger.admit(anAdmission(payer, { holdMicro: 7n }))
  expect(await verifyLedger({ db })).toEqual({
    isSound: true,
    accounts: [],
    captures: [],
    entriesMicro: 0n,
    balancesMicro: 0n,
  })

  await db.execute(STEAL, [payer])
  expect(await verifyLedger({ db })).toMatchObject({
    isSound: false,
    balancesMicro: 1n,
    accounts: [{ accountId: payer, kind: 'bought', postedMicro: 91n, expectedPostedMicro: 90n, heldMicro: 7n }],
  })
  await db.execute(GIVE_BACK, [payer])

  await db.execute(FORGET_HOLD, [payer, 1n])
  expect((await verifyLedger({ db })).accounts).toMatchObject([
    { accountId: payer, heldMicro: 8n, expectedHeldMicro: 7n },
  ])
  await db.execute(FORGET_HOLD, [payer, -1n])

  await db.execute(FORGE, [payer, 1n])
  const forged = await verifyLedger({ db })
  expect(forged.captures).toEqual([{ accountId: payer, operationId: runId, capturedMicro: 11n, chargeMicro: 10n }])
  expect(forged.accounts.map(({ accountId, kind }) => `${accountId} ${kind}`)).toEqual([
    `${payer} bought`,
    'platform fees',
  ])
  await db.execute(FORGE, [payer, -1n])
  expect((await verifyLedger({ db })).isSound).toBe(true)
})

test('partitions of this month and the next three are made, once; rows in a default partition are an alarm', async () => {
  const own = await aDatabase()
  const lines: string[] = []
  const log = createLogger('error', 2)
  log.error = (_fields: unknown, message?: string) => void lines.push(message ?? '')
  const made = await createPartitions({ db: own.db, log })
  expect(made).toMatchObject({ strayRows: 0 })
  expect(made.partitions).toHaveLength(12)
  expect(await createPartitions({ db: own.db, log })).toEqual(made)
  expect(lines).toEqual([])

  const accountId = await anAccount(own.db)
  await grantCredits(
    { db: own.db },
    { accountId, amountMicro: 1n, operationId: '00000000-0000-7000-8000-000000000001' },
  )
  expect(await createPartitions({ db: own.db, log })).toEqual({ ...made, strayRows: 1 })
  expect(lines).toEqual(['rows fell into a default partition'])
})
