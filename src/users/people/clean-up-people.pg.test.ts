import { expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { statement } from '../../platform/database.ts'
import { cleanUpPeopleJob } from '../users.jobs.ts'
import { aPeopleSite } from '../testing/people-site.ts'

const LEFT = statement<{ what: string }>(
  'test.left',
  `select 'registration ' || id as what from "Registration" where id like 'test%' union all select 'reset ' || id from "PasswordReset"
   union all select 'session ' || id from "Session" union all select 'invitation ' || id from "Invitation"
   union all select 'attempts ' || key from "Throttle" where key like 'test%' order by 1`,
)

test('what has long ended goes, what ended lately stays to be told apart, and nobody open is touched', async () => {
  const site = await aPeopleSite()
  const { userId, accountId } = await site.aPerson()
  const { pool } = site.database.db
  for (const [name, age] of [
    ['old', '91 days'],
    ['late', '1 hour'],
    ['open', '-1 hour'],
  ] as const) {
    const at = `now() - interval '${age}'`
    await pool.query(
      `insert into "Registration" (id, email, name, "passwordHash", "expiresAt") values ('test_${name}', 'x', 'x', 'x', ${at})`,
    )
    await pool.query(`insert into "PasswordReset" (id, email, "expiresAt") values ('${name}', 'x', ${at})`)
    await pool.query(
      `insert into "Session" (id, "userId", "accountId", hash, "expiresAt") values ('${name}', $1, $2, 'x', ${at})`,
      [userId, accountId],
    )
    await pool.query(
      `insert into "Invitation" (id, "accountId", email, role, "invitedBy", "expiresAt") values ('${name}', $1, '${name}', 'admin', $2, ${at})`,
      [accountId, userId],
    )
    await pool.query(
      `insert into "Throttle" (key, count, "blockedUntil", "updatedAt") values ('test_${name}', 1, ${at}, ${at})`,
    )
  }
  await cleanUpPeopleJob.enqueue({ jobs: site.jobs }, {})
  const kept = ['late', 'open'].flatMap((name) => [
    `attempts test_${name}`,
    `invitation ${name}`,
    `registration test_${name}`,
    `reset ${name}`,
    `session ${name}`,
  ])
  await eventually(
    async () => expect((await site.database.db.query(LEFT)).map((row) => row.what)).toEqual(kept.toSorted()),
    { withinMs: 8_000 },
  )
})
