import { randomBytes } from 'node:crypto'
import { grantCredits, purchaseCredits } from '../../src/credits/index.ts'
import { createDatabase, statement, type Database } from '../../src/platform/database.ts'
import { newUuidV7 } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createRunLedger, type AdmitOrder, type RunLedger, type SettleOrder } from '../../src/runs/run-ledger.ts'
import { atEndOfFile } from './each-file.ts'

const log = createLogger('silent', 2)

/** The money side of one more process on this database, with connections and a lease of its own. */
export async function aRunLedger(url: string): Promise<RunLedger> {
  const db = createDatabase({ url, poolMax: 8, statementTimeoutMs: 15_000, log, name: 'test run path' })
  await db.start(AbortSignal.timeout(10_000))
  const ledger = createRunLedger({ db, log, ownerId: newUuidV7() })
  await ledger.start(AbortSignal.timeout(10_000))
  atEndOfFile(async () => {
    await ledger.stop()
    await db.stop()
  })
  return ledger
}

const INSERT_ACCOUNT = statement(
  'test.insert_account',
  `insert into "Account" (id, name, slug, kind) values ($1, $1, $1, 'team')`,
)

/** An account with granted and bought micro-credits. */
export async function anAccount(db: Database, credits: { granted?: bigint; bought?: bigint } = {}): Promise<string> {
  const accountId = `account-${randomBytes(6).toString('hex')}`
  await db.execute(INSERT_ACCOUNT, [accountId])
  if (credits.granted !== undefined) await grantCredits({ db }, { accountId, amountMicro: credits.granted })
  if (credits.bought !== undefined) await purchaseCredits({ db }, { accountId, amountMicro: credits.bought })
  return accountId
}

/** An order to admit a run that holds 10 micro-credits, without a key. */
export function anAdmission(accountId: string, facts: Partial<AdmitOrder> = {}): AdmitOrder {
  return {
    runId: newUuidV7(),
    accountId,
    principal: 'user:test',
    key: null,
    fingerprint: null,
    agentId: 'agent',
    version: 1,
    creatorAccountId: 'creator',
    holdMicro: 10n,
    input: Buffer.of(0),
    timeoutMs: 10_000,
    keyTtlMs: 86_400_000,
    ...facts,
  }
}

/** The success of an admitted run, charging all of its hold, 80 % of it for the creator. */
export function aSuccess(order: AdmitOrder, facts: Partial<SettleOrder> = {}): SettleOrder {
  return {
    runId: order.runId,
    accountId: order.accountId,
    status: 'succeeded',
    code: null,
    failure: null,
    output: Buffer.from('\0"done"'),
    logs: null,
    chargeMicro: order.holdMicro,
    creatorShare: 8_000,
    events: [{ what: 'run', count: 1, micro: String(order.holdMicro) }],
    startedCold: true,
    waitMs: 1.5,
    runMs: 2.5,
    ...facts,
  }
}

export function aFailure(order: AdmitOrder, facts: Partial<SettleOrder> = {}): SettleOrder {
  return aSuccess(order, {
    status: 'failed',
    code: 'AGENT_THREW',
    output: null,
    chargeMicro: 0n,
    events: null,
    ...facts,
  })
}
