import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { statement } from '../../platform/database.ts'
import { throttleKey } from '../throttle.ts'
import { aPeopleSite, type PeopleSite } from '../testing/people-site.ts'

let site: PeopleSite
beforeAll(async () => {
  site = await aPeopleSite()
})

const HOME = '192.0.2.44'
const ATTACKER = '203.0.113.66'
const signIn = (email: string, password: string, from: string, more: object = {}) =>
  site.post('/api/sessions', { email, password, ...more }, { from })
const codeOf = (answer: { statusCode: number; json(): { code?: string } }) =>
  answer.statusCode === 201 ? 'done' : answer.json().code
const codesOf = async (answers: readonly ReturnType<typeof signIn>[]) => (await Promise.all(answers)).map(codeOf)
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

/** As if the wait were over, and nothing else. */
const LET_WAIT_PASS = statement(
  'test.wait_over',
  `update "Throttle" set "blockedUntil" = now() where "blockedUntil" > now()`,
)
const WAIT_MS = statement<{ waitMs: number }>(
  'test.wait',
  `select extract(epoch from "blockedUntil" - "updatedAt")::float8 * 1000 as "waitMs" from "Throttle" where key = $1`,
)

const WAITING = statement<{ name: string }>(
  'test.waiting',
  `select 'users.insert_session' as name from pg_stat_activity
   where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into "Session"%'`,
)

describe('signing in', () => {
  test('with a wrong password, an unknown address and an account without a password gets one answer', async () => {
    const person = await site.aPerson()
    await site.database.db.execute(
      statement(
        'test.no_password',
        `insert into "User" (id, email, name, "emailVerifiedAt") values ('nopass', 'nopass@example.com', 'N', now())`,
      ),
    )
    const bodies = await Promise.all(
      [person.email, 'unknown@example.com', 'nopass@example.com'].map(async (email) => {
        const answer = await signIn(email, 'not the password', HOME)
        const { requestId: _, ...body } = answer.json()
        return [answer.statusCode, body]
      }),
    )
    expect(bodies[0]).toMatchObject([401, { code: 'CREDENTIALS_INVALID', fields: [{ path: '/password' }] }])
    expect(bodies[1]).toEqual(bodies[0])
    expect(bodies[2]).toEqual(bodies[0])
  })

  test('takes as long for an unknown address as for a known one', async () => {
    const person = await site.aPerson()
    const tookMs = async (email: string, from: string) => {
      const fromMs = performance.now()
      await signIn(email, 'not the password', from)
      return performance.now() - fromMs
    }
    const [known, unknown]: [number[], number[]] = [[], []]
    // In turn, so that what else the machine does meets both.
    for (const n of times(12, (at) => at)) {
      known.push(await tookMs(person.email, `10.9.${n}.1`))
      unknown.push(await tookMs('nobody.at.all@example.com', `10.9.${n}.1`))
    }
    // Without the hash for nobody it is a tenth. The fastest of twelve is hardly touched by what else the machine does.
    const ratio = Math.min(...unknown) / Math.min(...known)
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
  })

  test('is refused while the address is not proven, though somebody gave it a password', async () => {
    const person = await site.aPerson()
    await site.database.db.execute(
      statement('test.unprove', `update "User" set "emailVerifiedAt" = null where id = $1`),
      [person.userId],
    )
    expect(codeOf(await signIn(person.email, person.password, HOME))).toBe('CREDENTIALS_INVALID')
  })

  test.each([
    ['by a password that is changed', `update "User" set "passwordHash" = 'another' where id = $1`],
    [
      'without the second factor that is switched on',
      `update "User" set "totpSecret" = 'x', "totpConfirmedAt" = now() where id = $1`,
    ],
  ])('%s at this very moment opens nothing', async (_what, change) => {
    const person = await site.aPerson()
    const asked = await site.database.db.transaction(async (tx) => {
      await tx.client.query(change, [person.userId])
      const answer = signIn(person.email, person.password, HOME)
      // It has compared what was true before, and waits for the row.
      await eventually(
        async () => expect(await site.database.db.query(WAITING)).toEqual([{ name: 'users.insert_session' }]),
        { withinMs: 5_000 },
      )
      return { answer }
    })
    expect(codeOf(await asked.answer)).toBe('CREDENTIALS_INVALID')
  })

  test.each([
    [{}, ['/email', '/password']],
    [{ email: 'x', password: 'y' }, ['/email']],
    [{ email: 'a@example.com', password: '' }, ['/password']],
    [{ email: 'a@example.com', password: 'x'.repeat(201) }, ['/password']],
    [{ email: 'a@example.com', password: 'x', code: '12345' }, ['/code']],
    [{ email: { $ne: null }, password: { $ne: null } }, ['/email', '/password']],
    [{ email: 'a@example.com', password: 'x\u0000', admin: true }, ['']],
  ])('%j is refused, naming %j', async (payload, paths) => {
    const answer = await site.post('/api/sessions', payload)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().fields.map((field: { path: string }) => field.path)).toEqual(paths)
  })
})

describe('guessing', () => {
  test('a password a hundred times at once gets a handful of tries, and then a wait that doubles', async () => {
    const person = await site.aPerson()
    const codes = await codesOf(times(100, (n) => signIn(person.email, `guess ${n}`, ATTACKER)))
    expect(codes.filter((code) => code === 'CREDENTIALS_INVALID')).toHaveLength(5)
    expect(codes.filter((code) => code === 'SIGN_IN_DELAYED')).toHaveLength(95)
    const pair = throttleKey('pair', person.email, ATTACKER)
    const waits: number[] = []
    for (const n of times(12, (at) => at)) {
      await site.database.db.execute(LET_WAIT_PASS)
      expect(codeOf(await signIn(person.email, `guess again ${n}`, ATTACKER))).toBe('CREDENTIALS_INVALID')
      const [row] = await site.database.db.query(WAIT_MS, [pair])
      waits.push(row?.waitMs ?? 0)
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900].map((seconds) => seconds * 1_000))
    const delayed = await signIn(person.email, person.password, ATTACKER)
    expect([codeOf(delayed), Number(delayed.headers['retry-after'])]).toEqual(['SIGN_IN_DELAYED', expect.any(Number)])
    expect(Number(delayed.headers['retry-after'])).toBeLessThanOrEqual(900)
  }, 30_000)

  test('at an unknown address is slowed down just the same', async () => {
    const codes = await codesOf(times(8, (n) => signIn('nobody.here@example.com', `guess ${n}`, ATTACKER)))
    expect(codes.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ...times(5, () => 'CREDENTIALS_INVALID'),
      ...times(3, () => 'SIGN_IN_DELAYED'),
    ])
  })

  test('from one network does not keep the owner out, who comes from another', async () => {
    const person = await site.aPerson()
    await codesOf(times(30, (n) => signIn(person.email, `guess ${n}`, ATTACKER)))
    expect(codeOf(await signIn(person.email, person.password, ATTACKER))).toBe('SIGN_IN_DELAYED')
    expect(codeOf(await signIn(person.email, person.password, HOME))).toBe('done')
  })

  test("from the owner's own network does not keep them out on a device they have used", async () => {
    const person = await site.aPerson()
    const { device } = (await signIn(person.email, person.password, HOME)).json<{ device: string }>()
    await codesOf(times(30, (n) => signIn(person.email, `guess ${n}`, HOME)))
    expect(codeOf(await signIn(person.email, person.password, HOME))).toBe('SIGN_IN_DELAYED')
    const back = await signIn(person.email, person.password, HOME, { device })
    expect(codeOf(back)).toBe('done')
    expect(back.json().device).toBe(device)
  })

  test('from a hundred networks gets one try each, and the owner still comes in', async () => {
    const person = await site.aPerson()
    for (const batch of times(4, (at) => at))
      await codesOf(times(10, (n) => signIn(person.email, `guess ${n}`, `10.${batch}.${n}.1`)))
    const once = await codesOf(times(3, () => signIn(person.email, 'a guess', '10.77.77.1')))
    expect(once.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      'CREDENTIALS_INVALID',
      'SIGN_IN_DELAYED',
      'SIGN_IN_DELAYED',
    ])
    expect(codeOf(await signIn(person.email, person.password, '10.88.88.1'))).toBe('done')
  }, 30_000)

  test('one password on everybody from one network is slowed down too', async () => {
    const from = '203.0.113.200'
    const codes: (string | undefined)[] = []
    for (const batch of times(6, (at) => at))
      codes.push(...(await codesOf(times(10, (n) => signIn(`spray${batch}.${n}@example.com`, 'the password', from)))))
    expect(codes.filter((code) => code === 'SIGN_IN_DELAYED').length).toBeGreaterThanOrEqual(9)
    expect(codes.slice(0, 50).every((code) => code === 'CREDENTIALS_INVALID')).toBe(true)
  }, 30_000)

  test('is forgotten when the owner comes in: mistyping before costs nothing after', async () => {
    const person = await site.aPerson()
    for (const round of times(3, (at) => at)) {
      const codes = await codesOf(times(4, (n) => signIn(person.email, `typo ${round} ${n}`, HOME)))
      expect(new Set(codes)).toEqual(new Set(['CREDENTIALS_INVALID']))
      expect(codeOf(await signIn(person.email, person.password, HOME))).toBe('done')
    }
  }, 30_000)

  test('with a device of somebody else, or a made-up one, is counted like any other', async () => {
    const [mine, theirs] = [await site.aPerson(), await site.aPerson()]
    const { device } = (await signIn(mine.email, mine.password, HOME)).json<{ device: string }>()
    const devices = [device, `${'a'.repeat(24)}.${'A'.repeat(43)}`, 'x', device, device, device, device, device]
    const codes = await codesOf(devices.map((one, n) => signIn(theirs.email, `guess ${n}`, ATTACKER, { device: one })))
    expect(codes.filter((code) => code === 'SIGN_IN_DELAYED')).toHaveLength(3)
  })
})
