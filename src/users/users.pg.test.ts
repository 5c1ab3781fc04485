import { beforeAll, describe, expect, test } from 'vitest'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { eventually } from '../../test/support/eventually.ts'
import { createHttpApp, httpOptions, type HttpApp } from '../http/index.ts'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { statement } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { createPrisma } from '../platform/prisma.ts'
import { createApiKey } from './api-keys.ts'
import { createKeyVerifier } from './authenticate-api-key.ts'
import { createAuthentication } from './authentication.ts'
import { createUser } from './create-user.ts'
import { permissionsOf, type Principal, type Scope } from './principal.ts'
import { createSetupLink, redeemSetupLink } from './setup-links.ts'
import { setupRoutes } from './setup.routes.ts'
import { usersRoutes } from './users.routes.ts'

const log = createLogger('silent')
let database: TestDatabase
let app: HttpApp
let keys: ReturnType<typeof createKeyVerifier>

beforeAll(async () => {
  database = await aDatabase()
  const deps = { db: database.db, prisma: createPrisma({ pool: database.db.pool }) }
  keys = createKeyVerifier({ db: database.db, clock: systemClock, log })
  const { http } = loadConfig({ http: httpOptions }, {})
  app = await createHttpApp({ config: http, log, authentication: createAuthentication({ keys }) })
  await app.register(usersRoutes(deps))
  await app.register(setupRoutes(deps, {}))
  await app.ready()
  return () => app.close()
})

let people = 0
async function aPerson(): Promise<Principal> {
  const { userId, accountId } = await createUser({ db: database.db }, 'system:test', {
    email: `person${++people}@example.com`,
    name: 'Ada Lovelace',
  })
  return {
    kind: 'user',
    id: `user:${userId}`,
    accountId,
    userId,
    permissions: permissionsOf('owner', false),
    agentIds: null,
    isAdmin: false,
  }
}

const plain = { name: 'Test', agentIds: [], expiresAt: null, monthlyCapMicro: null }
const aKey = (owner: Principal, scopes: Scope[], more: { agentIds?: string[]; expiresAt?: string | null } = {}) =>
  createApiKey({ db: database.db }, owner, { ...plain, scopes, ...more })

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const get = (url: string, key: string) => app.inject({ url, headers: bearer(key) })

describe('a person', () => {
  test('gets an account of their own with a slug that nobody else has, and its two ledger rows', async () => {
    const made = await Promise.all([aPerson(), aPerson(), aPerson(), aPerson()])
    const rows = await database.db.query(
      statement<{ slug: string; kinds: string[] }>(
        'test.accounts',
        `select a.slug, array_agg(l.kind::text order by l.kind) as kinds from "Account" a
         join ledger_accounts l on l.account_id = a.id where a.id = any($1) group by a.id`,
      ),
      [made.map((one) => one.accountId)],
    )
    expect(new Set(rows.map((row) => row.slug)).size).toBe(4)
    expect(rows.every((row) => row.slug.startsWith('ada-lovelace'))).toBe(true)
    expect(rows.map((row) => row.kinds)).toEqual([1, 2, 3, 4].map(() => ['granted', 'bought']))
  })

  test('cannot be made twice under one address', async () => {
    const order = { email: 'Twice@Example.com', name: 'T' }
    await createUser({ db: database.db }, 'system:test', order)
    await expect(
      createUser({ db: database.db }, 'system:test', { ...order, email: 'twice@example.com' }),
    ).rejects.toMatchObject({
      code: 'EMAIL_TAKEN',
    })
  })
})

describe('an API key', () => {
  test('is shown once, works, and its text stands nowhere in the database', async () => {
    const owner = await aPerson()
    const first = await aKey(owner, ['keys.read', 'keys.write'])
    const made = await app.inject({
      method: 'POST',
      url: '/api/keys',
      headers: bearer(first.key),
      payload: { name: 'Second', scopes: ['keys.read'] },
    })
    expect(made.statusCode).toBe(201)
    const second: { key: string; prefix: string } = made.json()
    expect(second.key.startsWith(`${second.prefix}_`)).toBe(true)
    const listed = await get('/api/keys', second.key)
    expect(listed.json().items.map((item: { name: string }) => item.name)).toEqual(['Second', 'Test'])
    expect(listed.body).not.toContain(second.key)
    const { id }: { id: string } = made.json()
    const rename = (key: string) =>
      app.inject({ method: 'PATCH', url: `/api/keys/${id}`, headers: bearer(key), payload: { name: 'Renamed' } })
    // It may read keys and nothing more.
    expect((await rename(second.key)).json()).toMatchObject({ code: 'FORBIDDEN' })
    expect((await rename((await aKey(await aPerson(), ['keys.write'])).key)).json()).toMatchObject({
      code: 'KEY_NOT_FOUND',
    })
    expect((await rename(first.key)).statusCode).toBe(204)
    expect((await get('/api/keys', second.key)).body).toContain('Renamed')
    const rows = await database.db.query(
      statement<{ row: string }>('test.keys', `select k::text as row from "ApiKey" k`),
    )
    expect(rows.some(({ row }) => row.includes(second.key.slice(13)))).toBe(false)
  })

  test('that is missing, malformed or unknown gets UNAUTHENTICATED with a way on', async () => {
    const unknown = `bur_00000000_${'A'.repeat(43)}`
    const answers = await Promise.all([
      app.inject('/api/keys'),
      get('/api/keys', 'nonsense'),
      get('/api/keys', unknown),
      app.inject({ url: '/api/keys', headers: { authorization: 'Basic abc' } }),
    ])
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      expect(answer.json()).toMatchObject({
        code: 'UNAUTHENTICATED',
        status: 401,
        requestId: answer.headers['x-request-id'],
      })
    }
  })

  test('that was revoked is refused within a second, though it was in use all the time', async () => {
    const owner = await aPerson()
    const { key, id } = await aKey(owner, ['keys.read', 'keys.write'])
    const manager = await aKey(owner, ['keys.write'])
    expect((await get('/api/keys', key)).statusCode).toBe(200)
    const revoked = await app.inject({ method: 'DELETE', url: `/api/keys/${id}`, headers: bearer(manager.key) })
    expect(revoked.statusCode).toBe(204)
    const from = performance.now()
    const refused = await eventually(
      async () => {
        const answer = await get('/api/keys', key)
        expect(answer.statusCode).toBe(401)
        return answer
      },
      { withinMs: 1_000 },
    )
    expect(performance.now() - from).toBeLessThan(1_000)
    expect(refused.json().code).toBe('KEY_REVOKED')
  })

  test('that has expired gets KEY_EXPIRED', async () => {
    const { key } = await aKey(await aPerson(), ['keys.read'], {
      expiresAt: new Date(Date.now() - 1_000).toISOString(),
    })
    expect((await get('/api/keys', key)).json()).toMatchObject({ code: 'KEY_EXPIRED', status: 401 })
  })

  test('of somebody who left the account is refused', async () => {
    const owner = await aPerson()
    const { key } = await aKey(owner, ['keys.read'])
    await database.db.execute(statement('test.leave', `delete from "Member" where "userId" = $1`), [owner.userId])
    expect((await get('/api/keys', key)).json().code).toBe('KEY_REVOKED')
  })

  test('without the scope gets FORBIDDEN naming it, at the door and in the use case', async () => {
    const owner = await aPerson()
    const { key } = await aKey(owner, ['runs.create'])
    expect((await get('/api/keys', key)).json()).toMatchObject({ code: 'FORBIDDEN', permission: 'keys.read' })
    const weak: Principal = { ...owner, permissions: new Set(['runs.create']) }
    await expect(aKey(weak, ['runs.create'])).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'keys.write' },
    })
  })

  test('cannot make a key that may do more, or for more agents, than itself', async () => {
    const owner = await aPerson()
    const narrow = await aKey(owner, ['keys.write', 'runs.create'], { agentIds: ['agent1'] })
    const post = (payload: object) =>
      app.inject({ method: 'POST', url: '/api/keys', headers: bearer(narrow.key), payload })
    expect((await post({ name: 'x', scopes: ['admin'] })).json()).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'admin',
    })
    expect((await post({ name: 'x', scopes: ['runs.create'], agentIds: ['agent2'] })).json().code).toBe('FORBIDDEN')
    const heir = await post({ name: 'x', scopes: ['runs.create'] })
    expect(heir.json().agentIds).toEqual(['agent1'])
  })

  test('of another account can neither be seen nor revoked', async () => {
    const mine = await aKey(await aPerson(), ['keys.read', 'keys.write'])
    const theirs = await aKey(await aPerson(), ['keys.read'])
    const answer = await app.inject({ method: 'DELETE', url: `/api/keys/${theirs.id}`, headers: bearer(mine.key) })
    expect(answer.json()).toMatchObject({ code: 'KEY_NOT_FOUND', status: 404 })
    expect((await get('/api/keys', mine.key)).json().items).toHaveLength(1)
    expect((await get('/api/keys', theirs.key)).statusCode).toBe(200)
  })

  test('notes when it was last used, off the path', async () => {
    const { key } = await aKey(await aPerson(), ['keys.read'])
    await get('/api/keys', key)
    await eventually(async () => expect((await get('/api/keys', key)).json().items[0].lastUsedAt).not.toBeNull(), {
      withinMs: 2_000,
    })
  })

  test('leaves an audit event when it is made and when it is revoked', async () => {
    const owner = await aPerson()
    const { key, id } = await aKey(owner, ['keys.write'])
    await app.inject({ method: 'DELETE', url: `/api/keys/${id}`, headers: bearer(key) })
    const events = await database.db.query(
      statement<{ action: string; actor: string }>(
        'test.audit',
        `select action, actor from "AuditEvent" where subject = $1 order by id`,
      ),
      [`key:${id}`],
    )
    expect(events).toEqual([
      { action: 'key.created', actor: owner.id },
      { action: 'key.revoked', actor: `key:${id}` },
    ])
  })

  test('a thousand keys that come at once are verified by a handful of queries', async () => {
    const owner = await aPerson()
    const made = await Promise.all(Array.from({ length: 20 }, () => aKey(owner, ['keys.read'])))
    let queries = 0
    const counting: TestDatabase['db'] = {
      ...database.db,
      query(statement, params) {
        queries++
        return database.db.query(statement, params)
      },
    }
    const verifier = createKeyVerifier({ db: counting, clock: systemClock, log })
    const found = await Promise.all(made.map(async ({ key }) => verifier.authenticate(key)))
    expect(found.map((one) => one.id)).toEqual(made.map(({ id }) => `key:${id}`))
    expect(queries).toBeLessThanOrEqual(2)
    expect(verifier.authenticate(made[0]?.key ?? '')).not.toBeInstanceOf(Promise)
  })
})

describe('the list of keys', () => {
  test('is paged by a cursor, without a gap and without a repeat', async () => {
    const owner = await aPerson()
    const made = await Promise.all(Array.from({ length: 7 }, () => aKey(owner, ['keys.read'])))
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const answer = await get(`/api/keys?limit=3${cursor && `&cursor=${cursor}`}`, made[0]?.key ?? '')
      const page: { items: { id: string }[]; nextCursor: string | null } = answer.json()
      seen.push(...page.items.map((item) => item.id))
      cursor = page.nextCursor
    }
    expect(seen.toSorted()).toEqual(made.map(({ id }) => id).toSorted())
  })

  test('answers only the fields asked for, and refuses unknown ones and broken cursors by name', async () => {
    const { key, id } = await aKey(await aPerson(), ['keys.read'])
    expect((await get('/api/keys?fields=id,name', key)).json().items).toEqual([{ id, name: 'Test' }])
    expect((await get('/api/keys?fields=id,hash', key)).json()).toMatchObject({
      code: 'LIST_FIELD_UNKNOWN',
      unknown: 'hash',
    })
    for (const cursor of ['nonsense', 'W10', encodeURIComponent(Buffer.from('["x","y"]').toString('base64url'))]) {
      expect((await get(`/api/keys?cursor=${cursor}`, key)).json()).toMatchObject({
        code: 'LIST_CURSOR_INVALID',
        status: 400,
      })
    }
    expect((await get('/api/keys?limit=0', key)).json()).toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path: '/limit' }],
    })
  })

  test('answers 304 to who has it already', async () => {
    const { key } = await aKey(await aPerson(), ['keys.read'])
    await get('/api/keys', key)
    const first = await eventually(
      async () => {
        const answer = await get('/api/keys', key)
        expect(answer.json().items[0].lastUsedAt).not.toBeNull()
        return answer
      },
      { withinMs: 2_000 },
    )
    const again = await app.inject({
      url: '/api/keys',
      headers: { ...bearer(key), 'if-none-match': String(first.headers.etag) },
    })
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })
})

describe('bad input for a key', () => {
  test.each([
    [{}, ['/name', '/scopes']],
    [{ name: '', scopes: ['runs.create'] }, ['/name']],
    [{ name: 'x', scopes: [] }, ['/scopes']],
    [{ name: 'x', scopes: ['everything'] }, ['/scopes/0']],
    [{ name: 'a\u0000b', scopes: ['runs.create'] }, ['/name']],
    [{ name: 'a\ud800b', scopes: ['runs.create'] }, ['/name']],
    [{ name: 'x', scopes: ['runs.create'], expiresAt: 'tomorrow' }, ['/expiresAt']],
    [{ name: 'x', scopes: ['runs.create'], agentIds: ["' or 1=1"] }, ['/agentIds/0']],
    [{ name: 'x', scopes: ['runs.create'], hash: 'mine' }, ['']],
  ])('%j is refused, naming %j', async (payload, paths) => {
    const { key } = await aKey(await aPerson(), ['keys.write', 'runs.create'])
    // By hand: JSON.stringify escapes the lone surrogate, which is how one arrives.
    const answer = await app.inject({
      method: 'POST',
      url: '/api/keys',
      headers: { ...bearer(key), 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().fields.map((field: { path: string }) => field.path)).toEqual(paths)
  })

  test('an id that is none is refused before any query', async () => {
    const { key } = await aKey(await aPerson(), ['keys.write'])
    for (const id of ['..%2f..', 'a%00b', '%F0%9F%98%80', 'a'.repeat(300)]) {
      const answer = await app.inject({ method: 'DELETE', url: `/api/keys/${id}`, headers: bearer(key) })
      expect([400, 404]).toContain(answer.statusCode)
      expect(['REQUEST_INVALID', 'ROUTE_NOT_FOUND']).toContain(answer.json().code)
    }
  })
})

describe('the setup link', () => {
  test('makes the first admin, and of two clicks at once one gets the key', async () => {
    const link = await createSetupLink({ db: database.db }, { email: 'root@example.com' })
    const look = await app.inject(link.path)
    expect([look.statusCode, look.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    const clicks = await Promise.all([1, 2].map(() => app.inject({ method: 'POST', url: link.path })))
    expect(clicks.map((click) => click.statusCode).toSorted((a, b) => a - b)).toEqual([200, 410])
    const { key } = clicks.find((click) => click.statusCode === 200)?.json() ?? {}
    expect((await keys.authenticate(key)).isAdmin).toBe(true)
    expect((await app.inject(link.path)).statusCode).toBe(410)
  })

  test('brings a lost admin back, takes nothing from anybody, and ends the older link', async () => {
    const owner = await aPerson()
    const { key } = await aKey(owner, ['keys.read'])
    const email = `person${people}@example.com`
    const older = await createSetupLink({ db: database.db }, { email })
    const newer = await createSetupLink({ db: database.db }, { email })
    await expect(redeemSetupLink({ db: database.db }, older.path.slice(7))).rejects.toMatchObject({
      code: 'SETUP_LINK_INVALID',
    })
    const made = await redeemSetupLink({ db: database.db }, newer.path.slice(7))
    expect((await keys.authenticate(made.key)).accountId).toBe(owner.accountId)
    expect((await get('/api/keys', key)).statusCode).toBe(200)
  })

  test('that is an hour old, or made up, is refused', async () => {
    const link = await createSetupLink({ db: database.db }, { email: 'late@example.com' })
    await database.db.execute(
      statement('test.age', `update "SetupLink" set "expiresAt" = now() - interval '1 second' where "userId" = $1`),
      [link.userId],
    )
    for (const path of [link.path, '/setup/nothing', `/setup/${'A'.repeat(43)}`]) {
      const answer = await app.inject({ method: 'POST', url: path })
      expect(answer.json()).toMatchObject({ code: 'SETUP_LINK_INVALID', status: 410 })
    }
  })

  test('cannot be pressed from a page of another site, and shows its page to a browser', async () => {
    const link = await createSetupLink({ db: database.db }, { email: 'web@example.com' })
    const press = (origin: string) =>
      app.inject({
        method: 'POST',
        url: link.path,
        headers: {
          origin,
          accept: 'text/html',
          'content-type': 'application/x-www-form-urlencoded',
          host: 'bureau.test',
        },
        payload: '',
      })
    expect((await press('https://evil.test')).json().code).toBe('ORIGIN_FORBIDDEN')
    const own = await press('http://bureau.test')
    expect(own.statusCode).toBe(200)
    expect(own.body).toMatch(/<code>bur_/)
    expect(own.headers['cache-control']).toBe('no-store')
  })
})
