import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { anAdmission, aFailure, aRunLedger, aSuccess } from '../../test/support/run-ledger.ts'
import { createPartitions } from '../credits/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import type { Database } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { createLogger } from '../platform/logger.ts'
import type { Principal } from '../users/index.ts'
import { listFailedRuns, listFailures, presentFailedRun } from './list-failures.ts'

const SAID = 'there is no bulb called Gruber'
const blob = (value: unknown): Buffer => encodeBlob(Buffer.from(JSON.stringify(value)))

let db: Database
let creator: Caller
let stranger: Caller
let agentId: string
let otherId: string
let failedId: string
beforeAll(async () => {
  const database = await aDatabase()
  ;({ db } = database)
  await createPartitions({ db, log: createLogger('silent') })
  const dataDir = await mkdtemp(join(tmpdir(), 'bureau-failures-'))
  atEndOfFile(() => rm(dataDir, { recursive: true, force: true }))
  creator = await aCaller(db, 0n, 'Creator')
  stranger = await aCaller(db, 10_000n, 'Gruber')
  const publish = (name: string) => publishAgent({ db, dataDir }, creator, { name, source: 'export default () => 1' })
  agentId = await publish('Bulb sorter')
  otherId = await publish('Another')
  const ledger = await aRunLedger(database.url)
  const run = async (of: string, settle: typeof aFailure) => {
    const input = blob({ bulb: SAID })
    const order = anAdmission(stranger.accountId, { principal: stranger.principal.id, agentId: of, input })
    await ledger.admit(order)
    await ledger.settle(settle(order, { failure: blob({ message: SAID }), logs: blob([{ message: SAID }]) }))
    return order.runId
  }
  failedId = await run(agentId, aFailure)
  await run(agentId, aSuccess)
  await run(otherId, aFailure)
}, 60_000)

const page = { take: 26, after: null, limit: 25, fields: null }
const listsOf = (principal: Principal, id: string) => [
  () => listFailures({ db }, principal, id),
  () => listFailedRuns({ db }, principal, id, page, {}),
]
const withFewer = (changes: Partial<Principal>): Principal => ({ ...creator.principal, ...changes })

test("a creator reads how their agent failed and when, of that agent alone, and not a word of a caller's", async () => {
  const failures = await listFailures({ db }, creator.principal, agentId)
  expect(failures.items).toEqual([
    {
      code: 'AGENT_THREW',
      title: 'The agent failed',
      version: 1,
      runs: 1,
      callers: 1,
      lastAt: expect.any(String),
    },
  ])
  const rows = await listFailedRuns({ db }, creator.principal, agentId, page, {})
  expect(rows.map(presentFailedRun)).toEqual([
    {
      runId: failedId,
      code: 'AGENT_THREW',
      title: 'The agent failed',
      version: 1,
      status: 'failed',
      at: expect.any(String),
      waitMs: 1.5,
      runMs: 2.5,
      startedCold: true,
    },
  ])
  for (const said of [SAID, stranger.accountId, stranger.userId, stranger.principal.id, 'Gruber'])
    expect(JSON.stringify([failures, rows])).not.toContain(said)
})

test('somebody else is refused, also who has a run among them and knows its id', async () => {
  for (const list of listsOf(stranger.principal, agentId))
    await expect(list()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const theirs = () => listFailedRuns({ db }, stranger.principal, agentId, page, { run: failedId })
  await expect(theirs()).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('of an agent that one may not see, it is not even said that it is there', async () => {
  await db.pool.query(`update "Agent" set visibility = 'private' where id = $1`, [otherId])
  for (const list of listsOf(stranger.principal, otherId))
    await expect(list()).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
  for (const list of listsOf(creator.principal, otherId)) await expect(list()).resolves.toBeDefined()
  for (const list of listsOf(creator.principal, newUuidV7()))
    await expect(list()).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
})

test.each<[string, Partial<Principal>]>([
  ['without the permission', { kind: 'key', permissions: new Set(['runs.create', 'runs.read', 'agents.write']) }],
  ['for other agents alone', { kind: 'key', agentIds: ['another'] }],
])('a key of the creator’s account %s is refused', async (_name, less) => {
  for (const list of listsOf(withFewer(less), agentId))
    await expect(list()).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('the operator reads them too, and a colleague of the account', async () => {
  const admin: Principal = { ...stranger.principal, isAdmin: true }
  const colleague: Principal = { ...stranger.principal, accountId: creator.accountId }
  for (const reader of [admin, colleague])
    expect((await listFailedRuns({ db }, reader, agentId, page, {})).map(({ id }) => id)).toEqual([failedId])
})
