import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { statement } from '../../platform/database.ts'
import { createUser } from '../create-user.ts'
import { aPeopleSite, SITE_URL, type PeopleSite } from '../testing/people-site.ts'
import { grantWelcomeJob } from '../users.jobs.ts'
import { linkToken } from './link-tokens.ts'

let site: PeopleSite
beforeAll(async () => {
  site = await aPeopleSite({ welcomeMicro: 5_000_000n })
})

let networks = 0
/** Each from a network of its own: how many mails one may ask for is tested by itself. */
const from = () => `10.1.${networks++ % 250}.7`
let names = 0
const anAddress = () => `somebody${++names}@example.org`
const phrase = 'a phrase nobody says'
const register = (email: string, more: object = {}) =>
  site.post('/api/users', { email, name: 'Ada', password: phrase, ...more }, { from: from() })
const verify = (token: string) => site.post('/api/users/verification', { token }, { from: from() })
const signIn = (email: string, password: string) => site.post('/api/sessions', { email, password }, { from: from() })
const codes = (answers: readonly { statusCode: number; json(): { code?: string } }[]) =>
  answers.map((answer) => (answer.statusCode < 300 ? 'done' : String(answer.json().code))).toSorted()

const AGE = {
  registrations: statement(
    'test.age_registrations',
    `update "Registration" set "expiresAt" = now() - interval '1 second' where email = $1`,
  ),
  resets: statement(
    'test.age_resets',
    `update "PasswordReset" set "expiresAt" = now() - interval '1 second' where email = $1`,
  ),
}

describe('registering', () => {
  test("sends a link to the site's own address, and its use makes a person who can sign in", async () => {
    const email = anAddress()
    const asked = await site.post(
      '/api/users',
      { email: ` ${email.toUpperCase()} `, name: 'Ada', password: phrase },
      {
        from: from(),
        headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
      },
    )
    expect([asked.statusCode, asked.json()]).toEqual([202, { status: 'mail_sent' }])
    expect((await signIn(email, phrase)).json().code).toBe('CREDENTIALS_INVALID')
    const mail = await site.mailTo(email, 'Confirm')
    expect(mail.text).toContain(`${SITE_URL}/verify?token=${mail.token}`)
    expect(`${mail.text}${mail.html}`).not.toContain('evil.example')
    const verified = await verify(mail.token)
    expect(verified.json()).toEqual({ email, userId: expect.any(String), accountId: expect.any(String) })
    expect((await signIn(email, phrase)).statusCode).toBe(201)
  })

  test('grants the welcome credits once, when the address is proven', async () => {
    const email = anAddress()
    await register(email)
    const { token } = await site.mailTo(email, 'Confirm')
    const of = (accountId: string) => site.grants.filter((grant) => grant.accountId === accountId)
    const { accountId }: { accountId: string } = (await verify(token)).json()
    await eventually(() => expect(of(accountId)).toMatchObject([{ amountMicro: 5_000_000n }]), { withinMs: 5_000 })
    await verify(token)
    expect(of(accountId)).toHaveLength(1)
  })

  test('with an address that is known answers the same, changes nothing, and tells its owner', async () => {
    const person = await site.aPerson()
    const unknown = await register(anAddress())
    const known = await register(person.email, { password: 'what the attacker wants' })
    expect([known.statusCode, known.body]).toEqual([unknown.statusCode, unknown.body])
    const mail = await site.mailTo(person.email, 'You have an account')
    expect(mail.token).toBe('')
    expect((await signIn(person.email, 'what the attacker wants')).json().code).toBe('CREDENTIALS_INVALID')
    expect((await signIn(person.email, person.password)).statusCode).toBe(201)
  })

  test("with somebody else's address before they do gives nobody their account: each link stands for its own password", async () => {
    const email = anAddress()
    await register(email, { password: 'what the attacker wants' })
    const attackers = await site.mailTo(email, 'Confirm')
    await register(email, { password: 'what the owner wants' })
    const owners = await eventually(
      async () => {
        const mail = await site.mailTo(email, 'Confirm')
        expect(mail.token).not.toBe(attackers.token)
        return mail
      },
      { withinMs: 5_000 },
    )
    expect((await verify(owners.token)).statusCode).toBe(201)
    expect((await verify(attackers.token)).json().code).toBe('LINK_USED')
    expect((await signIn(email, 'what the attacker wants')).json().code).toBe('CREDENTIALS_INVALID')
    expect((await signIn(email, 'what the owner wants')).statusCode).toBe(201)
  })

  test('can be closed by the operator', async () => {
    const closed = await aPeopleSite({ registration: 'closed' })
    const answer = await closed.post('/api/users', { email: anAddress(), name: 'Ada', password: phrase })
    expect(answer.json()).toMatchObject({ code: 'REGISTRATION_CLOSED', status: 403 })
  })
})

describe('the link of a registration', () => {
  test('works once, also for two clicks at once', async () => {
    const email = anAddress()
    await register(email)
    const { token } = await site.mailTo(email, 'Confirm')
    expect(codes(await Promise.all([verify(token), verify(token), verify(token)]))).toEqual([
      'LINK_USED',
      'LINK_USED',
      'done',
    ])
  })

  test('is sent again as it was, and to nobody else', async () => {
    const email = anAddress()
    await register(email)
    const first = await site.mailTo(email, 'Confirm')
    const again = await site.post('/api/users/verification-mail', { email }, { from: from() })
    const unknown = await site.post('/api/users/verification-mail', { email: anAddress() }, { from: from() })
    expect([again.statusCode, again.body]).toEqual([unknown.statusCode, unknown.body])
    const second = await eventually(
      async () => {
        const mail = await site.mailTo(email, 'Confirm')
        expect(mail.id).not.toBe(first.id)
        return mail
      },
      { withinMs: 5_000 },
    )
    expect(second.token).toBe(first.token)
  })

  test('is refused after a day, and when it was made up, cut, or sent for something else', async () => {
    const email = anAddress()
    await register(email)
    const { token } = await site.mailTo(email, 'Confirm')
    const [id = ''] = token.split('.')
    const forged = [
      `${id}.${'A'.repeat(43)}`,
      token.slice(0, -1),
      id,
      '.',
      `${token}x`,
      linkToken(site.people.keyring, 'reset_password', id),
      linkToken(site.people.keyring, 'invitation', id),
      linkToken(site.people.keyring, 'verify_email', 'a'.repeat(24)),
    ]
    for (const one of forged) expect((await verify(one)).json()).toMatchObject({ code: 'LINK_INVALID', status: 404 })
    await site.database.db.execute(AGE.registrations, [email])
    expect((await verify(token)).json()).toMatchObject({ code: 'LINK_EXPIRED', status: 410 })
  })

  test('stands nowhere in the database: neither in its row nor in the queue', async () => {
    const email = anAddress()
    await register(email)
    const { token } = await site.mailTo(email, 'Confirm')
    const [, mac = 'nothing'] = token.split('.')
    const rows = await site.database.db.query(
      statement<{ row: string }>(
        'test.everything',
        `select r::text as row from "Registration" r union all select j.data::text from pgboss.job j`,
      ),
    )
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.some(({ row }) => row.includes(mac) || row.includes(phrase))).toBe(false)
  })
})

describe('a lost password', () => {
  const ask = (email: string) => site.post('/api/users/password-mail', { email }, { from: from() })
  const reset = (token: string, password: string) =>
    site.post('/api/users/password', { token, password }, { from: from() })

  test('is replaced by a link, which ends every session, and the person is told', async () => {
    const person = await site.aPerson()
    const [one, two] = [await site.signIn(person), await site.signIn(person)]
    await ask(person.email)
    const { token, text } = await site.mailTo(person.email, 'Set a new password')
    expect(text).toContain(`${SITE_URL}/reset?token=`)
    expect((await reset(token, 'quite another phrase')).statusCode).toBe(204)
    for (const { token: as } of [one, two]) {
      await eventually(
        async () => expect((await site.send('GET', '/api/me', { as })).json().code).toBe('SESSION_REVOKED'),
        { withinMs: 1_000 },
      )
    }
    expect((await signIn(person.email, person.password)).json().code).toBe('CREDENTIALS_INVALID')
    expect((await signIn(person.email, 'quite another phrase')).statusCode).toBe(201)
    await site.mailTo(person.email, 'Your password was changed')
  })

  test('asked for with an unknown address gets the same answer and no mail', async () => {
    const person = await site.aPerson()
    const email = anAddress()
    const [unknown, known] = [await ask(email), await ask(person.email)]
    expect([known.statusCode, known.body]).toEqual([unknown.statusCode, unknown.body])
    await site.mailTo(person.email, 'Set a new password')
    const mails = await site.people.mailer.list({ take: 1_000, after: null })
    expect(mails.filter((mail) => mail.to === email)).toEqual([])
  })

  test('is replaced once by a link, also for two clicks at once, and older links end with it', async () => {
    const person = await site.aPerson()
    await ask(person.email)
    const older = await site.mailTo(person.email, 'Set a new password')
    await ask(person.email)
    const newer = await eventually(
      async () => {
        const mail = await site.mailTo(person.email, 'Set a new password')
        expect(mail.token).not.toBe(older.token)
        return mail
      },
      { withinMs: 5_000 },
    )
    const clicks = await Promise.all([
      reset(newer.token, 'quite another phrase'),
      reset(newer.token, 'yet another phrase!'),
    ])
    expect(codes(clicks)).toEqual(['LINK_USED', 'done'])
    expect((await reset(older.token, 'the attacker has this')).json().code).toBe('LINK_USED')
  })

  test('is not replaced by a link that is an hour old, or made for something else', async () => {
    const person = await site.aPerson()
    await ask(person.email)
    const { token } = await site.mailTo(person.email, 'Set a new password')
    const [id = ''] = token.split('.')
    expect((await reset(linkToken(site.people.keyring, 'verify_email', id), phrase)).json().code).toBe('LINK_INVALID')
    await site.database.db.execute(AGE.resets, [person.email])
    expect((await reset(token, phrase)).json()).toMatchObject({ code: 'LINK_EXPIRED', status: 410 })
    expect((await signIn(person.email, person.password)).statusCode).toBe(201)
  })

  test('proves the address of somebody whom an operator made', async () => {
    const email = anAddress()
    const { accountId } = await createUser({ db: site.database.db }, 'system:test', { email, name: 'Made' })
    await ask(email)
    const { token } = await site.mailTo(email, 'Set a new password')
    expect((await reset(token, phrase)).statusCode).toBe(204)
    expect((await signIn(email, phrase)).statusCode).toBe(201)
    await eventually(() => expect(site.grants.some((grant) => grant.accountId === accountId)).toBe(true), {
      withinMs: 5_000,
    })
  })
})

describe('changing the password', () => {
  const change = (as: string, password: string, newPassword: string) =>
    site.send('PUT', '/api/me/password', { as, payload: { password, newPassword } })

  test('asks for the current one, keeps this session, ends the others and open links', async () => {
    const person = await site.aPerson()
    const [mine, other] = [await site.signIn(person), await site.signIn(person)]
    await site.post('/api/users/password-mail', { email: person.email }, { from: from() })
    const link = await site.mailTo(person.email, 'Set a new password')
    const wrong = await change(mine.token, 'not the password', 'quite another phrase')
    expect(wrong.json()).toMatchObject({ code: 'PASSWORD_WRONG', fields: [{ path: '/password' }] })
    expect((await change(mine.token, person.password, 'quite another phrase')).statusCode).toBe(204)
    expect((await site.send('GET', '/api/me', { as: mine.token })).statusCode).toBe(200)
    await eventually(
      async () => expect((await site.send('GET', '/api/me', { as: other.token })).json().code).toBe('SESSION_REVOKED'),
      { withinMs: 1_000 },
    )
    expect((await site.post('/api/users/password', { token: link.token, password: phrase })).json().code).toBe(
      'LINK_USED',
    )
    expect((await signIn(person.email, 'quite another phrase')).statusCode).toBe(201)
  })

  test('cannot be guessed by who stole a session, and delays nobody else', async () => {
    const person = await site.aPerson()
    const [stolen, own] = [await site.signIn(person), await site.signIn(person)]
    const tries = await Promise.all(
      Array.from({ length: 12 }, (_, n) => change(stolen.token, `guess number ${n}`, 'quite another phrase')),
    )
    const delayed = tries.filter((answer) => answer.json().code === 'SIGN_IN_DELAYED')
    expect(delayed.length).toBe(7)
    expect(Number(delayed[0]?.headers['retry-after'])).toBeGreaterThan(0)
    expect((await change(own.token, person.password, 'quite another phrase')).statusCode).toBe(204)
  }, 30_000)

  test('of two at once by the same old password makes one', async () => {
    const person = await site.aPerson()
    const { token } = await site.signIn(person)
    const answers = await Promise.all([
      change(token, person.password, 'quite another phrase'),
      change(token, person.password, 'yet another phrase!!'),
    ])
    expect(codes(answers)).toEqual(['PASSWORD_WRONG', 'done'])
  })
})

describe('mails that strangers ask for', () => {
  test('go to one address a few times, without a sign that they do not any more', async () => {
    const person = await site.aPerson()
    const count = async () => {
      const mails = await site.people.mailer.list({ take: 1_000, after: null })
      return mails.filter((mail) => mail.to === person.email && mail.subject.includes('Set a new')).length
    }
    const answers = await Promise.all(
      Array.from({ length: 9 }, () => site.post('/api/users/password-mail', { email: person.email }, { from: from() })),
    )
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 9 }, () => 202))
    // The registration of this person took one of the four.
    await eventually(async () => expect(await count()).toBe(3), { withinMs: 5_000 })
    const marker = await site.aPerson()
    expect(marker.userId).not.toBe('')
    expect(await count()).toBe(3)
  })

  test('are limited for one network, which is told when to come back', async () => {
    const script = { from: '203.0.113.77' }
    const answers = await Promise.all(
      Array.from({ length: 34 }, () => site.post('/api/users/password-mail', { email: anAddress() }, script)),
    )
    const limited = answers.filter((answer) => answer.statusCode === 429)
    expect(limited).toHaveLength(4)
    expect(limited[0]?.json().code).toBe('MAILS_LIMITED')
    expect(Number(limited[0]?.headers['retry-after'])).toBeGreaterThan(0)
    expect((await site.post('/api/users/password-mail', { email: anAddress() }, { from: from() })).statusCode).toBe(202)
  })
})

describe('bad input', () => {
  test.each([
    [{}, ['/email', '/name', '/password']],
    [{ email: 'nobody', name: 'A', password: phrase }, ['/email']],
    [{ email: 'a@example.org\r\nBcc: b@example.org', name: 'A', password: phrase }, ['/email']],
    [{ email: 'a@example.org, b@example.org', name: 'A', password: phrase }, ['/email']],
    [{ email: 'A <a@example.org>', name: 'A', password: phrase }, ['/email']],
    [{ email: 'a@example.org', name: ' ', password: phrase }, ['/name']],
    [{ email: 'a@example.org', name: 'A\r\nBcc: b@example.org', password: phrase }, ['/name']],
    [{ email: 'a@example.org', name: 'safe\u202egnp.exe', password: phrase }, ['/name']],
    [{ email: 'a@example.org', name: 'A', password: 'short' }, ['/password']],
    [{ email: 'a@example.org', name: 'A', password: 'x'.repeat(201) }, ['/password']],
    [{ email: 'a@example.org', name: 'A', password: phrase, roles: ['admin'] }, ['']],
    [{ email: 'a@example.org', name: 'A', password: phrase, emailVerifiedAt: '2020-01-01' }, ['']],
  ])('a registration %j is refused, naming %j', async (payload, paths) => {
    const answer = await site.post('/api/users', payload, { from: from() })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().fields.map((field: { path: string }) => field.path)).toEqual(paths)
  })

  test('a weak password is refused beside its field, wherever one is set', async () => {
    const person = await site.aPerson()
    const { token: as } = await site.signIn(person)
    await site.post('/api/users/password-mail', { email: person.email }, { from: from() })
    const { token } = await site.mailTo(person.email, 'Set a new password')
    const answers = [
      await register(anAddress(), { password: 'Password123!' }),
      await site.post('/api/users/password', { token, password: 'Password123!' }),
      await site.send('PUT', '/api/me/password', {
        as,
        payload: { password: person.password, newPassword: 'Password123!' },
      }),
    ]
    expect(answers.map((answer) => [answer.json().code, answer.json().fields[0].path])).toEqual([
      ['PASSWORD_WEAK', '/password'],
      ['PASSWORD_WEAK', '/password'],
      ['PASSWORD_WEAK', '/newPassword'],
    ])
    expect((await site.post('/api/users/password', { token, password: phrase })).statusCode).toBe(204)
  })

  test('a form of another site cannot send any of it: only JSON is read, and no cookie is ever set or asked for', async () => {
    const person = await site.aPerson()
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await site.app.inject({
        method: 'POST',
        url: '/api/sessions',
        headers: { 'content-type': type, origin: 'https://evil.example' },
        payload: JSON.stringify({ email: person.email, password: person.password }),
      })
      expect([answer.statusCode, answer.json().code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED'])
    }
    const signed = await site.post('/api/sessions', { email: person.email, password: person.password })
    expect(signed.headers['set-cookie']).toBeUndefined()
    expect(signed.headers['access-control-allow-origin']).toBeUndefined()
    const { token } = signed.json<{ token: string }>()
    const byCookie = await site.send('GET', '/api/me', {
      headers: { cookie: `session=${token}; __Host-session=${token}` },
    })
    expect(byCookie.json().code).toBe('UNAUTHENTICATED')
  })
})

test('welcome credits that the queue delivers twice carry one operation, which the ledger posts once', async () => {
  const order = { accountId: 'a'.repeat(24), amountMicro: '1', operationId: '0197f000-0000-7000-8000-000000000001' }
  await Promise.all([1, 2].map(() => grantWelcomeJob.enqueue({ jobs: site.jobs }, order)))
  const given = () => site.grants.filter((grant) => grant.accountId === order.accountId)
  await eventually(() => expect(given()).toHaveLength(2), { withinMs: 5_000 })
  expect(given()).toEqual([1, 2].map(() => ({ ...order, amountMicro: 1n })))
})

test('the link of a mail leads to this site, whatever host the request that asked for it named', async () => {
  const person = await site.aPerson()
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
  await site.post('/api/users/password-mail', { email: person.email }, { headers })
  const { text, html } = await site.mailTo(person.email, 'Set a new password')
  expect(`${text}${html}`).not.toContain('evil.example')
  expect(text).toContain(`${SITE_URL}/`)
})
