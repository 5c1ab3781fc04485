import { createServer, connect, type Server, type Socket } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { getBalance, verifyLedger } from '../credits/index.ts'
import { statement, type Transaction } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { eventually } from '../../test/support/eventually.ts'
import { aFailure, anAccount, anAdmission, aRunLedger, aSuccess } from '../../test/support/run-ledger.ts'
import { findRun } from './find-run.ts'
import { reapRuns } from './reap-runs.ts'
import type { RunLedger } from './run-ledger.ts'

const LOCK = statement('test.lock', 'select 1 from ledger_accounts where account_id = $1 for update')
const END_LEASE = statement('test.end_lease', 'update processes set lease_until = now() where id = $1')
const END_TIME = statement('test.end_time', `update runs set deadline_at = now() - interval '1 second' where id = $1`)
const COUNT_PROCESS = statement<{ readonly n: bigint }>(
  'test.count_process',
  'select count(*) as n from processes where id = $1',
)
const DEAD_PROCESS = statement(
  'test.dead_process',
  `insert into processes (id, host, pid, lease_until) values ($1, 'gone', 1, now() - interval '1 second')`,
)
const GIVE_TO = statement('test.give_to', 'update runs set owner = $1 where id = any ($2::uuid[])')

const log = createLogger('silent', 2)
let database: TestDatabase
let ledger: RunLedger
beforeAll(async () => {
  database = await aDatabase()
  ledger = await aRunLedger(database.url)
})
const balanceOf = (accountId: string) => getBalance({ db: database.db }, accountId)

/** Holds an account's rows, as a stranger's transaction would, until the work is done. */
async function whileLocked<T>(accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.db.transaction(async (tx) => {
    await tx.query(LOCK, [accountId])
    return work(tx)
  })
}

test('while one account is locked from outside the others run on, and its own runs go through when it is free', async () => {
  const locked = await anAccount(database.db, { bought: 1_000n })
  const free = await anAccount(database.db, { bought: 1_000n })
  const before = anAdmission(locked)
  await ledger.admit(before)
  const stuck: Promise<unknown>[] = []
  await whileLocked(locked, async () => {
    stuck.push(ledger.settle(aSuccess(before)), ledger.admit(anAdmission(locked)), ledger.admit(anAdmission(locked)))
    // At least as long as the batcher asks before it waits in the lock queue, so that both ways are gone.
    const until = performance.now() + 400
    for (let runs = 0; runs < 10 || performance.now() < until; runs++) {
      const order = anAdmission(free, { holdMicro: 1n })
      expect(await ledger.admit(order)).toMatchObject({ kind: 'admitted' })
      expect(await ledger.settle(aSuccess(order))).toMatchObject({ kind: 'settled' })
    }
    expect((await balanceOf(locked)).heldMicro).toBe(10n)
  })
  expect(await Promise.all(stuck)).toMatchObject([{ kind: 'settled' }, { kind: 'admitted' }, { kind: 'admitted' }])
  expect(await balanceOf(locked)).toMatchObject({ boughtMicro: 990n, heldMicro: 20n })
})

test('an order that PostgreSQL refuses fails alone: the others of its batch do not notice', async () => {
  const payer = await anAccount(database.db, { bought: 1_000n })
  const orders = Array.from({ length: 20 }, (_, n) => anAdmission(payer, n === 7 ? { principal: 'no\0body' } : {}))
  const admissions = await Promise.allSettled(orders.map((order) => ledger.admit(order)))
  expect(admissions.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([7])
  expect((await balanceOf(payer)).heldMicro).toBe(190n)

  const healthy = orders.filter((_, n) => n !== 7)
  const settlements = await Promise.allSettled(
    healthy.map((order, n) => ledger.settle(n === 3 ? aFailure(order, { chargeMicro: 1n }) : aSuccess(order))),
  )
  expect(settlements.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([3])
  expect((await balanceOf(payer)).heldMicro).toBe(10n)
})

test('runs of a process whose lease has ended are lost: nothing is charged and the hold is given back', async () => {
  const payer = await anAccount(database.db, { granted: 4n, bought: 30n })
  const orders = [anAdmission(payer), anAdmission(payer), anAdmission(payer)]
  for (const order of orders) await ledger.admit(order)
  const dead = newUuidV7()
  await database.db.execute(GIVE_TO, [dead, orders.slice(0, 2).map((order) => order.runId)])
  await database.db.execute(DEAD_PROCESS, [dead])

  const counts = await Promise.all([1, 2, 3].map(() => reapRuns({ db: database.db, log })))
  // A heartbeat of the ledgers of this file may have been first.
  expect(counts.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(2)
  await eventually(
    async () => expect(await balanceOf(payer)).toMatchObject({ grantedMicro: 4n, boughtMicro: 30n, heldMicro: 10n }),
    { withinMs: 5_000 },
  )
  const rows = await Promise.all(orders.map((order) => findRun({ db: database.db }, payer, order.runId)))
  expect(rows.map((row) => [row?.status, row?.code])).toEqual([
    ['failed', 'RUN_LOST'],
    ['failed', 'RUN_LOST'],
    ['running', null],
  ])
  expect(await database.db.query(COUNT_PROCESS, [dead])).toEqual([{ n: 0n }])
  // Its own owner comes back too late: nothing is charged.
  expect(await ledger.settle(aSuccess(orders[0] ?? anAdmission(payer)))).toEqual({ kind: 'already_settled' })
  expect(await ledger.settle(aSuccess(orders[2] ?? anAdmission(payer)))).toMatchObject({ kind: 'settled' })
})

test('a run of a live process is left alone until its deadline and is then timed out', async () => {
  const payer = await anAccount(database.db, { bought: 30n })
  const order = anAdmission(payer)
  await ledger.admit(order)
  await reapRuns({ db: database.db, log })
  expect(await findRun({ db: database.db }, payer, order.runId)).toMatchObject({ status: 'running' })
  await database.db.execute(END_TIME, [order.runId])
  await reapRuns({ db: database.db, log })
  expect(await findRun({ db: database.db }, payer, order.runId)).toMatchObject({
    status: 'timed_out',
    code: 'RUN_LOST',
  })
  expect(await ledger.settle(aSuccess(order))).toEqual({ kind: 'already_settled' })
  expect(await balanceOf(payer)).toMatchObject({ boughtMicro: 30n, heldMicro: 0n })
})

test('the reaper passes by an account that is locked, and takes its runs the next time', async () => {
  const locked = await anAccount(database.db, { bought: 30n })
  const free = await anAccount(database.db, { bought: 30n })
  const orders = [anAdmission(locked), anAdmission(free)]
  for (const order of orders) await ledger.admit(order)
  await whileLocked(locked, async () => {
    for (const order of orders) await database.db.execute(END_TIME, [order.runId])
    await reapRuns({ db: database.db, log })
    expect([(await balanceOf(locked)).heldMicro, (await balanceOf(free)).heldMicro]).toEqual([10n, 0n])
  })
  await reapRuns({ db: database.db, log })
  expect((await balanceOf(locked)).heldMicro).toBe(0n)
})

test('a process that stops hands its runs to the others at once', async () => {
  const leaving = await aRunLedger(database.url)
  const payer = await anAccount(database.db, { bought: 30n })
  const order = anAdmission(payer)
  await leaving.admit(order)
  await leaving.stop()
  await eventually(async () => expect((await balanceOf(payer)).heldMicro).toBe(0n), { withinMs: 8_000 })
})

test('a process whose lease has ended takes it again with its next heartbeat, and goes on', async () => {
  const other = await aRunLedger(database.url)
  const payer = await anAccount(database.db, { bought: 30n })
  await database.db.execute(END_LEASE, [other.ownerId])
  await eventually(
    async () => {
      const order = anAdmission(payer, { holdMicro: 1n })
      await other.admit(order)
      await reapRuns({ db: database.db, log })
      expect(await other.settle(aSuccess(order))).toMatchObject({ kind: 'settled' })
    },
    { withinMs: 5_000 },
  )
})

/** A relay to PostgreSQL that can lose connections in ways a network does. */
type Relay = {
  readonly url: string
  /** Cuts all connections now. */
  cut(): void
  /** Forwards the next query and swallows its answer: the statement is committed, and nobody hears of it. */
  swallowNextAnswer(): void
  /** Drops the next query unsent. */
  swallowNextQuery(): void
  readonly swallowed: number
}

async function aRelay(target: string): Promise<Relay> {
  const url = new URL(target)
  const { hostname, port } = url
  const pairs = new Set<readonly [Socket, Socket]>()
  let mode: 'pass' | 'query' | 'answer' = 'pass'
  let swallowed = 0
  const cut = (): void => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy()))
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const pair = [client, upstream] as const
    let isDoomed = false
    pairs.add(pair)
    for (const socket of pair)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          pairs.delete(pair)
          pair.forEach((each) => each.destroy())
        })
    client.on('data', (chunk) => {
      // A call of admit_run or settle_run binds its parameters; heartbeats and start-up pass.
      const isCall = chunk.includes('runs.admit') || chunk.includes('runs.settle')
      if (isCall && mode === 'query') {
        mode = 'pass'
        swallowed++
        client.destroy()
        return
      }
      if (isCall && mode === 'answer') {
        mode = 'pass'
        isDoomed = true
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (!isDoomed) return client.write(chunk)
      // ReadyForQuery ends the answer: only now is it committed.
      if (chunk.includes(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) {
        swallowed++
        client.destroy()
      }
      return true
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => {
    cut()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  return {
    url: url.href,
    cut,
    swallowNextAnswer: () => void (mode = 'answer'),
    swallowNextQuery: () => void (mode = 'query'),
    get swallowed() {
      return swallowed
    },
  }
}

test.each(['swallowNextQuery', 'swallowNextAnswer'] as const)(
  'a connection lost around an admission or a settlement (%s) neither loses nor repeats it',
  async (fault) => {
    const relay = await aRelay(database.url)
    const shaky = await aRunLedger(relay.url)
    const payer = await anAccount(database.db, { granted: 5n, bought: 1_000n })
    const single = anAdmission(payer, { key: 'k', fingerprint: Buffer.alloc(32, 1) })
    relay[fault]()
    expect(await shaky.admit(single)).toMatchObject({ kind: 'admitted' })
    relay[fault]()
    expect(await shaky.settle(aSuccess(single))).toMatchObject({ kind: 'settled', chargeMicro: 10n })

    const many = Array.from({ length: 6 }, () => anAdmission(payer))
    relay[fault]()
    const admissions = await Promise.all(many.map((order) => shaky.admit(order)))
    expect(admissions.map(({ kind }) => kind)).toEqual(Array(6).fill('admitted'))
    expect((await balanceOf(payer)).heldMicro).toBe(60n)
    relay[fault]()
    const settlements = await Promise.all(many.map((order) => shaky.settle(aSuccess(order))))
    expect(settlements.map(({ kind }) => kind)).toEqual(Array(6).fill('settled'))
    expect(relay.swallowed).toBe(4)
    expect(await balanceOf(payer)).toMatchObject({ grantedMicro: 0n, boughtMicro: 935n, heldMicro: 0n })
  },
)

test('connections that are cut again and again under load lose nothing: every answered run is charged once', async () => {
  const relay = await aRelay(database.url)
  const shaky = await aRunLedger(relay.url)
  const payers = await Promise.all(Array.from({ length: 4 }, () => anAccount(database.db, { bought: 100_000n })))
  const settled = new Map(payers.map((payer) => [payer, 0n]))
  let ended = 0
  await Promise.all(
    Array.from({ length: 16 }, async (_, n) => {
      const payer = payers[n % payers.length] ?? ''
      for (let round = 0; round < 12; round++) {
        const order = anAdmission(payer)
        expect(await shaky.admit(order)).toMatchObject({ kind: 'admitted' })
        expect(await shaky.settle(aSuccess(order))).toMatchObject({ kind: 'settled', chargeMicro: 10n })
        settled.set(payer, (settled.get(payer) ?? 0n) + 10n)
        // By progress and not by the clock: a slow machine is cut as often as a fast one.
        if (++ended % 12 === 0) setTimeout(() => relay.cut(), Math.random() * 4)
      }
    }),
  )
  for (const payer of payers)
    expect(await balanceOf(payer)).toMatchObject({ boughtMicro: 100_000n - (settled.get(payer) ?? 0n), heldMicro: 0n })
})

test('after all of this the ledger is sound', async () => {
  expect(await verifyLedger({ db: database.db })).toMatchObject({ isSound: true, accounts: [], captures: [] })
})
