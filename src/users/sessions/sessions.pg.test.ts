import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import type { HttpApp } from '../../http/index.ts'
import { statement } from '../../platform/database.ts'
import { aPeopleSite, type PeopleSite, type PersonOfTest } from '../testing/people-site.ts'

let site: PeopleSite
let other: HttpApp
beforeAll(async () => {
  site = await aPeopleSite()
  other = await site.anotherProcess()
})

const me = (as: string) => site.send('GET', '/api/me', { as })
const meElsewhere = (as: string) => other.inject({ url: '/api/me', headers: { authorization: `Bearer ${as}` } })
const aToken = async (as: string, audience = 'api') => {
  const answer = await site.post('/api/tokens', { audience }, { as })
  return answer.json<{ token: string; expiresAt: string }>().token
}
/** What a client token may ask for; sessions may too. */
const keysOf = (app: HttpApp, as: string) =>
  app.inject({ url: '/api/keys', headers: { authorization: `Bearer ${as}` } })

async function signedIn(): Promise<{ person: PersonOfTest; token: string; sessionId: string }> {
  const person = await site.aPerson()
  return { person, ...(await site.signIn(person)) }
}

describe('a session', () => {
  test('tells who is signed in, for which account and what they may do', async () => {
    const { person, token, sessionId } = await signedIn()
    expect((await me(token)).json()).toMatchObject({
      user: { id: person.userId, email: person.email, hasPassword: true, hasTwoFactor: false },
      account: { id: person.accountId, kind: 'personal', role: 'owner' },
      permissions: expect.arrayContaining(['runs.create', 'members.write']),
      sessionId,
    })
  })

  test('is refused by every process within a second of signing out, with its client tokens, though all were in use', async () => {
    const { token } = await signedIn()
    const client = await aToken(token)
    const uses = [
      () => me(token),
      () => meElsewhere(token),
      () => keysOf(site.app, client),
      () => keysOf(other, client),
    ]
    for (const use of uses) expect((await use()).statusCode).toBe(200)
    expect((await site.send('DELETE', '/api/sessions/current', { as: token })).statusCode).toBe(204)
    const from = performance.now()
    await eventually(
      async () => {
        const answers = await Promise.all(uses.map((use) => use()))
        expect(answers.map((answer) => answer.json().code)).toEqual(uses.map(() => 'SESSION_REVOKED'))
      },
      { withinMs: 1_000 },
    )
    expect(performance.now() - from).toBeLessThan(1_000)
  })

  test('is listed with where it came from, and ended from another one', async () => {
    const { person, token, sessionId } = await signedIn()
    const phone = await site.post(
      '/api/sessions',
      { email: person.email, password: person.password },
      { from: '203.0.113.9', headers: { 'user-agent': 'Phone/1.0' } },
    )
    const { sessionId: phoneId, token: phoneToken }: { sessionId: string; token: string } = phone.json()
    const list = await site.send('GET', '/api/sessions', { as: token })
    expect(list.json().items).toMatchObject([
      { id: phoneId, isCurrent: false, address: '203.0.113.9', userAgent: 'Phone/1.0' },
      { id: sessionId, isCurrent: true },
    ])
    expect(list.body).not.toContain(phoneToken.slice(-43))
    expect((await site.send('DELETE', `/api/sessions/${phoneId}`, { as: token })).statusCode).toBe(204)
    expect((await site.send('DELETE', `/api/sessions/${phoneId}`, { as: token })).statusCode).toBe(204)
    expect((await me(phoneToken)).json().code).toBe('SESSION_REVOKED')
    expect((await site.send('GET', '/api/sessions', { as: token })).json().items).toHaveLength(1)
  })

  test('ends all others at once and stays itself', async () => {
    const { person, token } = await signedIn()
    const others = [await site.signIn(person), await site.signIn(person)]
    expect((await site.send('DELETE', '/api/sessions', { as: token })).statusCode).toBe(204)
    for (const { token: as } of others)
      await eventually(async () => expect((await me(as)).json().code).toBe('SESSION_REVOKED'), { withinMs: 1_000 })
    expect((await me(token)).statusCode).toBe(200)
  })

  test('of somebody else can neither be seen nor ended', async () => {
    const [mine, theirs] = [await signedIn(), await signedIn()]
    const answer = await site.send('DELETE', `/api/sessions/${theirs.sessionId}`, { as: mine.token })
    const unknown = await site.send('DELETE', '/api/sessions/nobodys', { as: mine.token })
    expect([answer.json().code, unknown.json().code]).toEqual(['SESSION_NOT_FOUND', 'SESSION_NOT_FOUND'])
    expect((await site.send('GET', '/api/sessions', { as: mine.token })).body).not.toContain(theirs.sessionId)
    expect((await me(theirs.token)).statusCode).toBe(200)
  })

  test('ends when its time is over', async () => {
    const { token, sessionId } = await signedIn()
    await site.database.db.execute(
      statement('test.end_session', `update "Session" set "expiresAt" = now() - interval '1 second' where id = $1`),
      [sessionId],
    )
    expect((await me(token)).json()).toMatchObject({ code: 'SESSION_EXPIRED', status: 401 })
  })

  test('is kept as a hash, and its id, which lists and tokens show, opens nothing', async () => {
    const { token, sessionId } = await signedIn()
    const [row] = await site.database.db.query(
      statement<{ row: string }>('test.session', `select s::text as row from "Session" s where id = $1`),
      [sessionId],
    )
    expect(row?.row).not.toContain(token.slice(-43))
    const forged = [
      `bus_${sessionId}_${'A'.repeat(43)}`,
      `bus_${sessionId}_`,
      `bus_${sessionId}`,
      sessionId,
      token.slice(0, -1),
      `${token}A`,
    ]
    for (const one of forged) expect((await me(one)).json()).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 })
  })

  test('is never one that the request brought along', async () => {
    const victim = await site.aPerson()
    const attacker = await signedIn()
    const answer = await site.post(
      '/api/sessions',
      { email: victim.email, password: victim.password },
      { as: attacker.token, headers: { cookie: `sid=${attacker.sessionId}`, 'x-session-id': attacker.sessionId } },
    )
    const fresh: { sessionId: string; token: string } = answer.json()
    expect(fresh.sessionId).not.toBe(attacker.sessionId)
    expect((await me(attacker.token)).json().user.id).toBe(attacker.person.userId)
    const planted = await site.post('/api/sessions', {
      email: victim.email,
      password: victim.password,
      sessionId: attacker.sessionId,
      token: attacker.token,
    })
    expect(planted.json()).toMatchObject({ code: 'REQUEST_INVALID' })
  })

  test('is the oldest of a hundred to end when one more is opened', async () => {
    const { person, token, sessionId } = await signedIn()
    await site.database.db.execute(
      statement(
        'test.many_sessions',
        `insert into "Session" (id, "userId", "accountId", hash, "expiresAt", "createdAt")
         select 's' || n || $1, $1, $2, 'x', now() + interval '1 day', now() + n * interval '1 ms' from generate_series(1, 99) n`,
      ),
      [person.userId, person.accountId],
    )
    expect((await me(token)).statusCode).toBe(200)
    await site.signIn(person)
    await eventually(async () => expect((await me(token)).json().code).toBe('SESSION_REVOKED'), { withinMs: 1_000 })
    expect(sessionId).not.toBe('')
  })

  test('leaves an audit event when it is opened and when it ends', async () => {
    const { token, sessionId } = await signedIn()
    await site.send('DELETE', '/api/sessions/current', { as: token })
    const events = await site.database.db.query(
      statement<{ action: string }>(
        'test.session_audit',
        `select action from "AuditEvent" where subject = $1 order by id`,
      ),
      [`session:${sessionId}`],
    )
    expect(events.map((event) => event.action)).toEqual(['session.created', 'session.revoked'])
  })
})

describe('a client token', () => {
  test('stands for its session, and may neither make keys nor tokens, manage members nor administer', async () => {
    const { person, token } = await signedIn()
    await site.database.db.execute(
      statement('test.make_admin', `update "User" set roles = array['user', 'admin'] where id = $1`),
      [person.userId],
    )
    const client = await aToken(token)
    const as = { as: client }
    expect((await keysOf(site.app, client)).statusCode).toBe(200)
    const key = { name: 'x', scopes: ['runs.create'] }
    const refused = [
      await site.post('/api/keys', key, as),
      await site.post('/api/invitations', { email: 'a@example.org', role: 'owner' }, as),
      await site.send('GET', '/api/mail', as),
      await site.post('/api/tokens', {}, as),
      await site.send('GET', '/api/sessions', as),
      await site.send('PUT', '/api/me/password', {
        ...as,
        payload: { password: person.password, newPassword: 'quite another phrase' },
      }),
      await site.post('/api/two-factor', { password: person.password }, as),
      await site.post('/api/accounts', { name: 'Team' }, as),
    ]
    expect(refused.map((answer) => [answer.statusCode, answer.json().code])).toEqual([
      [403, 'FORBIDDEN'],
      [403, 'FORBIDDEN'],
      [403, 'FORBIDDEN'],
      ...Array.from({ length: 5 }, () => [403, 'SESSION_REQUIRED']),
    ])
  })

  test('for a socket is not taken by the API, and ends within a minute', async () => {
    const { token } = await signedIn()
    const answer = await site.post('/api/tokens', { audience: 'realtime' }, { as: token })
    const { token: socket, expiresAt }: { token: string; expiresAt: string } = answer.json()
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(60_000)
    expect((await keysOf(site.app, socket)).json().code).toBe('TOKEN_INVALID')
  })

  test('is refused after a quarter of an hour, and one that was tampered with at once', async () => {
    const late = await aPeopleSite()
    const { token } = await late.signIn(await late.aPerson())
    const { token: client } = (await late.post('/api/tokens', {}, { as: token })).json<{ token: string }>()
    const [head, , signature] = client.split('.')
    const body = Buffer.from(JSON.stringify({ sub: 'user:admin' })).toString('base64url')
    expect((await keysOf(late.app, `${head}.${body}.${signature}`)).json().code).toBe('TOKEN_INVALID')
    late.advance(15 * 60_000 - 5_000)
    expect((await keysOf(late.app, client)).statusCode).toBe(200)
    late.advance(5_000)
    expect((await keysOf(late.app, client)).json()).toMatchObject({ code: 'TOKEN_EXPIRED', status: 401 })
  })

  test('can be verified by anybody with the published keys, which every process publishes alike', async () => {
    const { token } = await signedIn()
    const client = await aToken(token)
    const [one, two] = await Promise.all([site.app, other].map((app) => app.inject('/.well-known/jwks.json')))
    expect(one?.json()).toEqual(two?.json())
    const { kid } = JSON.parse(Buffer.from(client.split('.')[0] ?? '', 'base64url').toString())
    expect(one?.json().keys.map((key: { kid: string }) => key.kid)).toContain(kid)
    expect(one?.body).not.toContain('"d"')
  })
})

test('an API key is no session: what only a person may do is refused to it', async () => {
  const { person, token } = await signedIn()
  const scopes = ['runs.create', 'keys.read', 'keys.write', 'members.read', 'audit.read']
  const { key } = (await site.post('/api/keys', { name: 'x', scopes }, { as: token })).json<{ key: string }>()
  const answers = [
    await site.post('/api/tokens', {}, { as: key }),
    await site.send('GET', '/api/me', { as: key }),
    await site.send('DELETE', '/api/sessions', { as: key }),
    await site.send('PUT', '/api/sessions/current/account', { as: key, payload: { accountId: person.accountId } }),
    await site.send('DELETE', `/api/members/${person.userId}`, { as: key }),
    await site.post('/api/two-factor', { password: person.password }, { as: key }),
  ]
  expect(answers.map((answer) => answer.json().code)).toEqual(answers.map(() => 'SESSION_REQUIRED'))
  expect(
    (await site.post('/api/keys', { name: 'x', scopes: ['members.write'] }, { as: token })).json().fields,
  ).toMatchObject([{ path: '/scopes/0' }])
})
