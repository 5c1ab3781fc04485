import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { createAgentCache, getRunnableAgent } from '../agents/index.ts'
import { systemClock } from '../platform/clock.ts'
import { statement, type Database } from '../platform/database.ts'
import { createKeyring, type Keyring } from '../platform/keyring.ts'
import { createLogger } from '../platform/logger.ts'
import { permissionsOf } from '../users/index.ts'
import { listAgentSecrets, listSecrets, presentSecret } from './list-secrets.ts'
import { openSecrets } from './open-secrets.ts'
import { removeSecret } from './remove-secret.ts'
import { setSecret } from './set-secret.ts'

let db: Database
let dataDir: string
let creator: Caller
const log = createLogger('silent')
const keyring = createKeyring(['a secret of the site, long enough for it'])
const VALUE = 'sk-live-4f9a7d2c81'

/** Everything that a dump of the database would show of the secrets. */
const DUMP = statement<{ text: string }>(
  'test.dump_secrets',
  `select s::text as text from secrets s union all select a::text from "AuditEvent" a`,
)
const SET_MANIFEST = statement(
  'test.set_secrets_manifest',
  `update "AgentVersion" set manifest = manifest || $2::jsonb where "agentId" = $1`,
)
const SWAP_OWNER = statement('test.swap_secret', `update secrets set account_id = $2 where account_id = $1`)
const KEY_VERSIONS = statement<{ keyVersion: string }>(
  'test.key_versions',
  `select key_version as "keyVersion" from secrets where account_id = $1`,
)

beforeAll(async () => {
  ;({ db } = await aDatabase())
  dataDir = await mkdtemp(join(tmpdir(), 'bureau-secrets-'))
  creator = await aCaller(db, 0n, 'Creator')
})

const anAgent = (): Promise<string> =>
  publishAgent({ db, dataDir }, creator, {
    name: 'Keyed',
    source: 'export default async (i) => i',
    egress: ['api.test', 'other.test'],
    secrets: [{ name: 'KEY', description: 'Of the API', hosts: ['api.test'] }],
  })

const set = (caller: Caller, agentId: string, value = VALUE, name = 'KEY') =>
  setSecret({ db, keyring }, caller.principal, { agentId, name, value })

async function opened(caller: Caller, agentId: string, ring: Keyring = keyring) {
  const cache = createAgentCache({ db, redis: null, clock: systemClock, log })
  const agent = await getRunnableAgent({ cache, creatorShare: 0 }, caller.principal, agentId)
  return Object.fromEntries(await openSecrets({ db, keyring: ring, log }, caller.accountId, agent))
}

test('a value is used by the runs of its account, and stands in the clear neither in the database nor in an answer', async () => {
  const [caller, other] = [await aCaller(db, 0n), await aCaller(db, 0n)]
  const agentId = await anAgent()
  const view = await set(caller, agentId)
  expect(view).toMatchObject({ agentId, name: 'KEY', hosts: ['api.test'] })
  const page = { limit: 10, take: 11, after: null, fields: null }
  const listed = (await listSecrets({ db }, caller.principal, page, null)).map(presentSecret)
  expect(listed).toEqual([view])
  const dump = await db.query(DUMP)
  for (const text of [JSON.stringify([view, listed]), ...dump.map((row) => row.text)]) {
    expect(text).not.toContain(VALUE)
    expect(text).not.toContain(Buffer.from(VALUE).toString('hex'))
  }
  expect(await opened(caller, agentId)).toEqual({ KEY: { value: VALUE, hosts: ['api.test'] } })
  expect(await opened(other, agentId)).toEqual({})
  expect(await listSecrets({ db }, other.principal, page, null)).toEqual([])
})

test("the creator's value serves callers who have set none; their own goes before it", async () => {
  const [caller, agentId] = [await aCaller(db, 0n), await anAgent()]
  const whose = async () => (await listAgentSecrets({ db }, caller.principal, agentId)).map((one) => one.setBy)
  expect(await whose()).toEqual([null])
  await set(creator, agentId, 'value-of-the-creator')
  expect(await opened(caller, agentId)).toMatchObject({ KEY: { value: 'value-of-the-creator' } })
  expect(await whose()).toEqual(['creator'])
  await set(caller, agentId)
  expect(await opened(caller, agentId)).toMatchObject({ KEY: { value: VALUE } })
  expect(await whose()).toEqual(['you'])
  await removeSecret({ db }, caller.principal, { agentId, name: 'KEY' })
  expect(await whose()).toEqual(['creator'])
  await expect(removeSecret({ db }, caller.principal, { agentId, name: 'KEY' })).rejects.toMatchObject({
    code: 'SECRET_NOT_FOUND',
  })
})

test('a later version that adds a host to a secret does not get it sent there until it is set again', async () => {
  const [caller, agentId] = [await aCaller(db, 0n), await anAgent()]
  await set(caller, agentId)
  const wider = { secrets: [{ name: 'KEY', description: '', hosts: ['api.test', 'other.test'] }] }
  await db.execute(SET_MANIFEST, [agentId, JSON.stringify(wider)])
  expect(await opened(caller, agentId)).toEqual({ KEY: { value: VALUE, hosts: ['api.test'] } })
  await set(caller, agentId)
  expect(await opened(caller, agentId)).toEqual({ KEY: { value: VALUE, hosts: ['api.test', 'other.test'] } })
})

test('a row that is moved to another account does not open there', async () => {
  const [caller, thief, agentId] = [await aCaller(db, 0n), await aCaller(db, 0n), await anAgent()]
  await set(caller, agentId)
  await db.execute(SWAP_OWNER, [caller.accountId, thief.accountId])
  expect(await opened(thief, agentId)).toEqual({})
})

test("after a change of the site's secret a value still opens, and its use seals it under the new one", async () => {
  const [caller, agentId] = [await aCaller(db, 0n), await anAgent()]
  await set(caller, agentId)
  const fresh = 'another secret of the site, just as long'
  const both = createKeyring([fresh, 'a secret of the site, long enough for it'])
  const before = await db.query(KEY_VERSIONS, [caller.accountId])
  expect(await opened(caller, agentId, both)).toMatchObject({ KEY: { value: VALUE } })
  expect(await db.query(KEY_VERSIONS, [caller.accountId])).not.toEqual(before)
  expect(await opened(caller, agentId, createKeyring([fresh]))).toMatchObject({ KEY: { value: VALUE } })
  expect(await opened(caller, agentId)).toEqual({})
})

test('only declared secrets can be set, and only by who may', async () => {
  const [caller, agentId] = [await aCaller(db, 0n), await anAgent()]
  await expect(set(caller, agentId, VALUE, 'OTHER')).rejects.toMatchObject({
    code: 'SECRET_NOT_DECLARED',
    details: { declared: 'KEY' },
  })
  const billing = { ...caller, principal: { ...caller.principal, permissions: permissionsOf('billing', false) } }
  await expect(set(billing, agentId)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(removeSecret({ db }, billing.principal, { agentId, name: 'KEY' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
})
