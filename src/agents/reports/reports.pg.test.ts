import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../../test/support/callers.ts'
import { aDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { publishAgent } from '../../../test/support/publish-agent.ts'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { statement } from '../../platform/database.ts'
import type { Principal } from '../../users/index.ts'
import { closeReport, listReports, reportAgent } from './reports.ts'

let database: TestDatabase
let agentId: string
let admin: Principal
beforeAll(async () => {
  database = await aDatabase()
  const creator = await aCaller(database.db, 0n, 'Creator')
  const deps = { db: database.db, dataDir: await mkdtemp(join(tmpdir(), 'bureau-reports-')) }
  agentId = await publishAgent(deps, creator, { name: 'Agent', source: 'export default async () => 1' })
  const { principal } = await aCaller(database.db, 0n, 'Admin')
  admin = { ...principal, isAdmin: true, permissions: new Set([...principal.permissions, 'admin' as const]) }
})

const signedIn = ({ principal }: Caller): Principal => ({ ...principal, sessionId: 'session' })
const page = { take: 11, limit: 10, after: null, fields: null }
const report = (who: Principal, text: string) =>
  reportAgent(database, who, agentId, { reason: 'broken', text }, { address: '198.51.100.1' })
const AUDIT = statement<{ action: string }>(
  'test.report_audit',
  `select action from "AuditEvent" where subject = $1 order by id`,
)

test('a person has one open report of an agent, which the operator reads and closes, each with an audit event', async () => {
  const ada = signedIn(await aCaller(database.db, 0n, 'Ada'))
  const id = await report(ada, 'It answers nonsense')
  expect(await report(ada, 'It answers nonsense in German')).toBe(id)
  expect(await listReports(database, admin, page, true)).toMatchObject([
    {
      id,
      agentName: 'Agent',
      version: 1,
      reason: 'broken',
      text: 'It answers nonsense in German',
      reporterName: 'Ada',
    },
  ])
  await closeReport(database, admin, id, 'Told the creator', {})
  await expect(closeReport(database, admin, id, '', {})).rejects.toMatchObject({ code: 'REPORT_NOT_FOUND' })
  expect(await listReports(database, admin, page, true)).toEqual([])
  expect(await listReports(database, admin, page, false)).toMatchObject([{ id, note: 'Told the creator' }])
  expect(await report(ada, 'Again')).not.toBe(id)
  const actions = (await database.db.query(AUDIT, [`agent:${agentId}`])).map(({ action }) => action)
  expect(actions).toEqual(['agent.reported', 'agent.reported', 'agent.report_closed', 'agent.reported'])
})

test('reports are for the operator alone, and made by people who are signed in', async () => {
  const caller = await aCaller(database.db, 0n, 'Ben')
  await expect(listReports(database, signedIn(caller), page, true)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(closeReport(database, signedIn(caller), 'x', '', {})).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(report(caller.principal, 'By a key')).rejects.toMatchObject({ code: 'SESSION_REQUIRED' })
})
