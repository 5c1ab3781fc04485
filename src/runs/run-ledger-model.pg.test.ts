import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { getBalance, grantCredits, purchaseCredits, rollUpLedger, verifyLedger } from '../credits/index.ts'
import { statement } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { aFailure, anAccount, anAdmission, aRunLedger, aSuccess } from '../../test/support/run-ledger.ts'
import { reapRuns } from './reap-runs.ts'
import type { Admission, AdmitOrder, RunLedger } from './run-ledger.ts'

/* Random histories of two payers against a model of a few lines: what a person would compute on paper. The orders of
 * one step are sent at once, so that they travel in one batch, and what is decided must equal the model's decision one
 * after the other. Two processes take turns. */

const END_TIME = statement('test.end_time', `update runs set deadline_at = now() - interval '1 second' where id = $1`)
const EXPIRE_KEYS = statement(
  'test.expire_keys',
  'update idempotency_keys set expires_at = now() where account_id = $1',
)

type Wish = { readonly hold: bigint; readonly key: number | null; readonly body: number }
type Step =
  | { readonly type: 'grant' | 'purchase'; readonly payer: number; readonly amount: bigint }
  | { readonly type: 'admit'; readonly payer: number; readonly wishes: readonly Wish[] }
  /** Ends open runs: each charge is a hundredth of the hold; -1 fails it. `again` sends the order twice. */
  | { readonly type: 'settle'; readonly ends: readonly { readonly percent: number; readonly again: boolean }[] }
  | { readonly type: 'reap'; readonly which: number }
  | { readonly type: 'expire_keys'; readonly payer: number }
  | { readonly type: 'roll_up' }

const payer = fc.nat({ max: 1 })
const amount = fc.bigInt({ min: 1n, max: 60n })
const wish: fc.Arbitrary<Wish> = fc.record({
  hold: fc.bigInt({ min: 0n, max: 25n }),
  key: fc.option(fc.nat({ max: 2 })),
  body: fc.nat({ max: 1 }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constantFrom('grant', 'purchase'), payer, amount }),
  fc.record({ type: fc.constant('admit'), payer, wishes: fc.array(wish, { minLength: 1, maxLength: 6 }) }),
  fc.record({
    type: fc.constant('settle'),
    ends: fc.array(fc.record({ percent: fc.integer({ min: -1, max: 130 }), again: fc.boolean() }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  fc.record({ type: fc.constant('reap'), which: fc.nat() }),
  fc.record({ type: fc.constant('expire_keys'), payer }),
  fc.record({ type: fc.constant('roll_up') }),
)

/** One payer on paper. */
type Paper = {
  granted: bigint
  bought: bigint
  heldGranted: bigint
  heldBought: bigint
  keys: Map<string, { run: string; body: number }>
}
type OpenRun = {
  readonly order: AdmitOrder
  readonly payer: number
  readonly ledger: number
  readonly fromGranted: bigint
}

let database: TestDatabase
let ledgers: readonly [RunLedger, RunLedger]
beforeAll(async () => {
  database = await aDatabase()
  ledgers = [await aRunLedger(database.url), await aRunLedger(database.url)]
})

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** What the model says becomes of a wish; the paper is changed accordingly. */
function decide(paper: Paper, order: AdmitOrder, { hold, key, body }: Wish): { said: string; fromGranted: bigint } {
  const known = key === null ? undefined : paper.keys.get(String(key))
  if (known !== undefined)
    return { said: known.body === body ? `duplicate ${known.run}` : 'key_reused', fromGranted: 0n }
  const free = paper.granted - paper.heldGranted
  const available = free + paper.bought - paper.heldBought
  if (available < hold) return { said: `insufficient ${available}`, fromGranted: 0n }
  const fromGranted = least(hold, free)
  paper.heldGranted += fromGranted
  paper.heldBought += hold - fromGranted
  if (key !== null) paper.keys.set(String(key), { run: order.runId, body })
  return { said: 'admitted', fromGranted }
}

function said(admission: Admission): string {
  if (admission.kind === 'duplicate') return `duplicate ${admission.runId}`
  if (admission.kind === 'insufficient') return `insufficient ${admission.availableMicro}`
  return admission.kind
}

async function live(steps: readonly Step[]): Promise<void> {
  const { db } = database
  const log = createLogger('silent', 2)
  const accounts = [await anAccount(db), await anAccount(db)]
  const papers: Paper[] = accounts.map(() => ({
    granted: 0n,
    bought: 0n,
    heldGranted: 0n,
    heldBought: 0n,
    keys: new Map(),
  }))
  const paperOf = (n: number): Paper =>
    papers[n] ?? papers[0] ?? { granted: 0n, bought: 0n, heldGranted: 0n, heldBought: 0n, keys: new Map() }
  const accountOf = (n: number): string => accounts[n] ?? ''
  let open: OpenRun[] = []
  let turn = 0

  function release(run: OpenRun): void {
    const paper = paperOf(run.payer)
    paper.heldGranted -= run.fromGranted
    paper.heldBought -= run.order.holdMicro - run.fromGranted
  }

  for (const now of steps) {
    turn = 1 - turn
    const ledger = ledgers[turn] ?? ledgers[0]
    switch (now.type) {
      case 'grant':
        await grantCredits({ db }, { accountId: accountOf(now.payer), amountMicro: now.amount })
        paperOf(now.payer).granted += now.amount
        break
      case 'purchase':
        await purchaseCredits({ db }, { accountId: accountOf(now.payer), amountMicro: now.amount })
        paperOf(now.payer).bought += now.amount
        break
      case 'admit': {
        const orders = now.wishes.map(({ hold, key, body }) =>
          anAdmission(accountOf(now.payer), {
            holdMicro: hold,
            creatorAccountId: accountOf(1),
            key: key === null ? null : `k${key}`,
            fingerprint: key === null ? null : Buffer.alloc(32, body),
          }),
        )
        const sent = orders.map((order) => ledger.admit(order))
        // Merged or requeued orders are decided a call later than their neighbours; which order the calls had is read
        // from the answers: who was admitted first, then the rest.
        const answers = await Promise.all(sent)
        const isFirst = (n: number): boolean => answers[n]?.kind === 'admitted'
        const turns = [...orders.keys()].sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || a - b)
        for (const n of turns) {
          const [order, wishOf, answer] = [orders[n], now.wishes[n], answers[n]]
          if (order === undefined || wishOf === undefined || answer === undefined) throw new Error('no such order')
          const { said: expected, fromGranted } = decide(paperOf(now.payer), order, wishOf)
          // What was available when an order was refused lies between before and after its batch.
          if (answer.kind === 'insufficient') expect(answer.availableMicro).toBeLessThan(wishOf.hold)
          else expect(said(answer)).toBe(expected)
          if (answer.kind === 'admitted') open.push({ order, payer: now.payer, ledger: turn, fromGranted })
        }
        break
      }
      case 'settle': {
        const ending = open.filter((run) => run.ledger === turn).slice(0, now.ends.length)
        open = open.filter((run) => !ending.includes(run))
        await Promise.all(
          ending.map(async (run, n) => {
            const { percent = 0, again = false } = now.ends[n] ?? {}
            const chargeMicro = percent < 0 ? 0n : (run.order.holdMicro * BigInt(percent)) / 100n
            const end = percent < 0 ? aFailure(run.order) : aSuccess(run.order, { chargeMicro })
            const settlements = await Promise.all((again ? [end, end] : [end]).map((order) => ledger.settle(order)))
            expect(settlements.map(({ kind }) => kind)).toEqual(again ? ['settled', 'already_settled'] : ['settled'])
            const charged = least(chargeMicro, run.order.holdMicro)
            const paper = paperOf(run.payer)
            paper.granted -= least(charged, run.fromGranted)
            paper.bought -= charged - least(charged, run.fromGranted)
            release(run)
          }),
        )
        break
      }
      case 'reap': {
        const run = open[now.which % Math.max(open.length, 1)]
        if (run === undefined) break
        await db.execute(END_TIME, [run.order.runId])
        await reapRuns({ db, log })
        expect(await (ledgers[run.ledger] ?? ledger).settle(aSuccess(run.order))).toEqual({ kind: 'already_settled' })
        open = open.filter((other) => other !== run)
        release(run)
        break
      }
      case 'expire_keys':
        await db.execute(EXPIRE_KEYS, [accountOf(now.payer)])
        paperOf(now.payer).keys.clear()
        break
      case 'roll_up':
        await rollUpLedger({ db })
    }
    for (const [n, accountId] of accounts.entries()) {
      const paper = paperOf(n)
      const heldMicro = paper.heldGranted + paper.heldBought
      expect(await getBalance({ db }, accountId)).toMatchObject({
        grantedMicro: paper.granted,
        boughtMicro: paper.bought,
        heldMicro,
      })
    }
  }
  // The next history starts without open runs, so that its reaper meets only its own.
  for (const run of open) await (ledgers[run.ledger] ?? ledgers[0]).settle(aFailure(run.order))
}

test('any history of grants, runs, double settlements, reaps and expiries leaves the balances that paper says', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), live), {
    numRuns: 40,
    interruptAfterTimeLimit: 15_000,
    markInterruptAsFailure: false,
  })
  expect(await verifyLedger({ db: database.db })).toMatchObject({ isSound: true, accounts: [], captures: [] })
}, 60_000)
