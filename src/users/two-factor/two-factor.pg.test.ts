import { generateSync } from 'otplib'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { statement } from '../../platform/database.ts'
import { aPeopleSite, type PeopleSite, type PersonOfTest, type Signed } from '../testing/people-site.ts'

let site: PeopleSite
let aheadMs = 0
beforeAll(async () => {
  site = await aPeopleSite()
})

/** The code that the authenticator shows, `steps` from now. */
const codeOf = (secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor((Date.now() + aheadMs) / 1_000) + steps * 30 })
/** Lets so much time pass that the code is another. */
function nextStep(): void {
  aheadMs += 30_000
  site.advance(30_000)
}

const signIn = (person: PersonOfTest, code?: string, more: object = {}) =>
  site.post('/api/sessions', {
    email: person.email,
    password: person.password,
    ...(code === undefined ? {} : { code }),
    ...more,
  })
const outcome = (answer: { statusCode: number; json(): { code?: string } }): string =>
  answer.statusCode < 300 ? 'done' : String(answer.json().code)
const outcomes = (answers: readonly Parameters<typeof outcome>[0][]) => answers.map(outcome).toSorted()

type Protected = { person: PersonOfTest; session: Signed; secret: string; recoveryCodes: string[] }

async function aProtectedPerson(): Promise<Protected> {
  const person = await site.aPerson()
  const session = await site.signIn(person)
  const as = session.token
  const { secret } = (await site.post('/api/two-factor', { password: person.password }, { as })).json<{
    secret: string
  }>()
  const confirmed = await site.post('/api/two-factor/confirm', { code: codeOf(secret) }, { as })
  const { recoveryCodes } = confirmed.json<{ recoveryCodes: string[] }>()
  nextStep()
  return { person, session, secret, recoveryCodes }
}

describe('two-factor', () => {
  test('is on with its first code: signing in then asks for one, and takes it', async () => {
    const { person, session, secret } = await aProtectedPerson()
    expect((await site.send('GET', '/api/two-factor', { as: session.token })).json()).toEqual({
      isOn: true,
      recoveryCodesLeft: 10,
    })
    const without = await signIn(person)
    expect(without.json()).toMatchObject({ code: 'TWO_FACTOR_REQUIRED', status: 401, fields: [{ path: '/code' }] })
    expect(outcome(await signIn(person, codeOf(secret)))).toBe('done')
    await site.mailTo(person.email, 'Two-factor is on')
  })

  test('is not asked for before the first code was sent back, and not switched on by a wrong one', async () => {
    const person = await site.aPerson()
    const { token: as } = await site.signIn(person)
    expect(outcome(await site.post('/api/two-factor/confirm', { code: '123456' }, { as }))).toBe('TWO_FACTOR_OFF')
    expect(outcome(await site.post('/api/two-factor', { password: 'not the password' }, { as }))).toBe('PASSWORD_WRONG')
    const { secret } = (await site.post('/api/two-factor', { password: person.password }, { as })).json<{
      secret: string
    }>()
    const wrong = codeOf(secret) === '000000' ? '000001' : '000000'
    expect(outcome(await site.post('/api/two-factor/confirm', { code: wrong }, { as }))).toBe('CODE_INVALID')
    expect(outcome(await signIn(person))).toBe('done')
  })

  test('ends sessions that were made without it', async () => {
    const person = await site.aPerson()
    const [mine, other] = [await site.signIn(person), await site.signIn(person)]
    const as = mine.token
    const { secret } = (await site.post('/api/two-factor', { password: person.password }, { as })).json<{
      secret: string
    }>()
    expect(outcome(await site.post('/api/two-factor/confirm', { code: codeOf(secret) }, { as }))).toBe('done')
    await eventually(
      async () => expect(outcome(await site.send('GET', '/api/me', { as: other.token }))).toBe('SESSION_REVOKED'),
      { withinMs: 1_000 },
    )
    expect(outcome(await site.send('GET', '/api/me', { as }))).toBe('done')
  })

  test('takes a code once: neither again in its window, nor an older one, nor twice at once', async () => {
    const { person, secret } = await aProtectedPerson()
    const [older, current, newer] = [codeOf(secret, -1), codeOf(secret), codeOf(secret, 1)]
    expect(outcomes(await Promise.all([signIn(person, current), signIn(person, current)]))).toEqual([
      'CODE_INVALID',
      'done',
    ])
    expect(outcome(await signIn(person, current))).toBe('CODE_INVALID')
    expect(outcome(await signIn(person, older))).toBe('CODE_INVALID')
    expect(outcome(await signIn(person, newer))).toBe('done')
  })

  test('is neither told nor counted before the password is right', async () => {
    const { person, secret } = await aProtectedPerson()
    const wrong = { ...person, password: 'not the password' }
    expect(outcome(await signIn(wrong))).toBe('CREDENTIALS_INVALID')
    expect(outcome(await signIn(wrong, codeOf(secret)))).toBe('CREDENTIALS_INVALID')
    expect(outcome(await signIn(person, codeOf(secret)))).toBe('done')
  })

  test('cannot be guessed: who has the password gets a handful of codes, and asking without one forgets none of them', async () => {
    const { person, secret, session } = await aProtectedPerson()
    const answers: string[] = []
    for (let n = 0; n < 9; n++) {
      await signIn(person)
      const guess = String((Number(codeOf(secret)) + 1_000 + n) % 1_000_000).padStart(6, '0')
      answers.push(
        outcome(
          await site.post(
            '/api/sessions',
            { email: person.email, password: person.password, code: guess },
            { from: `10.3.${n}.1` },
          ),
        ),
      )
    }
    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'CODE_INVALID'))
    expect(answers.slice(5)).toEqual(Array.from({ length: 4 }, () => 'SIGN_IN_DELAYED'))
    // The owner is on a device that is known, and is counted by themselves.
    expect(outcome(await signIn(person, codeOf(secret), { device: session.device }))).toBe('done')
  })

  test('is switched off with both factors only, and its codes go with it', async () => {
    const { person, session, secret, recoveryCodes } = await aProtectedPerson()
    const off = (password: string, code: string) =>
      site.post('/api/two-factor/disable', { password, code }, { as: session.token })
    expect(outcome(await off('not the password', codeOf(secret)))).toBe('PASSWORD_WRONG')
    expect(outcome(await off(person.password, codeOf(secret) === '000000' ? '000001' : '000000'))).toBe('CODE_INVALID')
    expect(outcome(await off(person.password, codeOf(secret)))).toBe('done')
    expect((await site.send('GET', '/api/two-factor', { as: session.token })).json()).toEqual({
      isOn: false,
      recoveryCodesLeft: 0,
    })
    expect(outcome(await signIn(person))).toBe('done')
    expect(outcome(await off(person.password, recoveryCodes[0] ?? ''))).toBe('TWO_FACTOR_OFF')
    await site.mailTo(person.email, 'Two-factor is off')
  })

  test('outlives a new password by mail: a mailbox is one factor', async () => {
    const { person, secret } = await aProtectedPerson()
    await site.post('/api/users/password-mail', { email: person.email }, { from: '198.51.100.3' })
    const { token } = await site.mailTo(person.email, 'Set a new password')
    await site.post('/api/users/password', { token, password: 'quite another phrase' })
    const renewed = { ...person, password: 'quite another phrase' }
    expect(outcome(await signIn(renewed))).toBe('TWO_FACTOR_REQUIRED')
    expect(outcome(await signIn(renewed, codeOf(secret)))).toBe('done')
  })

  test('keeps its secret sealed: the database alone makes no codes', async () => {
    const { person, secret } = await aProtectedPerson()
    const [row] = await site.database.db.query(
      statement<{ secret: Buffer }>('test.totp', `select "totpSecret" as secret from "User" where id = $1`),
      [person.userId],
    )
    const raw = site.people.keyring.open('totp', `user:${person.userId}`, row?.secret ?? Buffer.alloc(0))
    expect(raw).toHaveLength(20)
    expect(row?.secret.includes(raw ?? 'x')).toBe(false)
    expect(row?.secret.toString('latin1')).not.toContain(secret)
  })

  test('that somebody else sealed does not open for this person', async () => {
    const [mine, theirs] = [await aProtectedPerson(), await aProtectedPerson()]
    await site.database.db.execute(
      statement(
        'test.swap',
        `update "User" set "totpSecret" = (select "totpSecret" from "User" where id = $2) where id = $1`,
      ),
      [theirs.person.userId, mine.person.userId],
    )
    expect(outcome(await signIn(theirs.person, codeOf(mine.secret)))).toBe('INTERNAL')
  })
})

describe('a recovery code', () => {
  test('stands in for the authenticator once, also for two at once, and the person is told', async () => {
    const { person, session, recoveryCodes } = await aProtectedPerson()
    const [code = '', next = ''] = recoveryCodes
    expect(outcomes(await Promise.all([signIn(person, code), signIn(person, code)]))).toEqual(['CODE_INVALID', 'done'])
    expect(outcome(await signIn(person, ` ${next.toUpperCase()} `))).toBe('done')
    expect((await site.send('GET', '/api/two-factor', { as: session.token })).json()).toEqual({
      isOn: true,
      recoveryCodesLeft: 8,
    })
    await site.mailTo(person.email, 'A recovery code was used')
  })

  test('of somebody else, or of the time before they were made anew, opens nothing', async () => {
    const [mine, theirs] = [await aProtectedPerson(), await aProtectedPerson()]
    expect(outcome(await signIn(theirs.person, mine.recoveryCodes[0]))).toBe('CODE_INVALID')
    const order = { password: mine.person.password, code: codeOf(mine.secret) }
    const renewed = await site.post('/api/two-factor/recovery-codes', order, { as: mine.session.token })
    const { recoveryCodes } = renewed.json<{ recoveryCodes: string[] }>()
    expect(recoveryCodes).toHaveLength(10)
    expect(outcome(await signIn(mine.person, mine.recoveryCodes[1]))).toBe('CODE_INVALID')
    expect(outcome(await signIn(mine.person, recoveryCodes[0]))).toBe('done')
  })

  test('stands nowhere in the database', async () => {
    const { person, recoveryCodes } = await aProtectedPerson()
    const rows = await site.database.db.query(
      statement<{ hash: Buffer }>('test.codes', `select hash from "RecoveryCode" where "userId" = $1`),
      [person.userId],
    )
    expect(rows).toHaveLength(10)
    const plain = recoveryCodes.map((code) => code.replaceAll('-', ''))
    expect(rows.some(({ hash }) => plain.some((code) => hash.includes(code)))).toBe(false)
  })
})
