import { beforeAll, expect, test } from 'vitest'
import { createJobQueue } from '../../src/jobs/index.ts'
import { createLogger } from '../../src/platform/logger.ts'
import type { Database } from '../../src/platform/database.ts'
import { aDatabase } from '../support/database.ts'
import { atEndOfFile } from '../support/each-file.ts'
import { readPages } from './markdown.ts'

let db: Database
beforeAll(async () => {
  const database = await aDatabase()
  db = database.db
  // Makes the queue's own schema, which some statements look into.
  const jobs = createJobQueue({
    url: database.url,
    poolMax: 2,
    log: createLogger('silent'),
    jobs: [],
    deps: {},
    role: 'sends',
  })
  await jobs.start(AbortSignal.timeout(20_000))
  atEndOfFile(() => jobs.stop())
})

const statements = readPages()
  .filter(({ path }) => path.startsWith('docs/runbooks/'))
  .flatMap(({ path, text }) => [...text.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, sql = '']) => ({ path, sql })))

test('runbooks have statements to look with', () => {
  expect(statements.length).toBeGreaterThan(10)
})

test.each(statements)('$path: PostgreSQL takes $sql', async ({ sql }) => {
  const client = await db.pool.connect()
  try {
    // One simple query may hold several statements, with a transaction of its own where the page has one.
    const answers: unknown = await client.query(sql)
    expect(answers).toBeDefined()
  } finally {
    // A statement that failed inside `begin` leaves the connection unusable.
    await client.query('rollback')
    client.release()
  }
})

test('the statements on the ledger find a balance and a hold that somebody changed by hand', async () => {
  const look = statements.filter(({ path }) => path.endsWith('ledger-difference.md')).map(({ sql }) => sql)
  const client = await db.pool.connect()
  const rows = async (): Promise<number[]> => {
    const counts: number[] = []
    for (const sql of look) counts.push((await client.query(sql)).rowCount ?? 0)
    return counts
  }
  try {
    await client.query(`insert into "Account" (id, name, slug, kind) values ('a', 'A', 'a', 'personal')`)
    expect(await rows()).toEqual([1, 0, 0, 0])
    await client.query(`update ledger_accounts set posted = 5, held = 2 where account_id = 'a' and kind = 'granted'`)
    expect(await rows()).toEqual([1, 1, 0, 1])
  } finally {
    client.release()
  }
})
