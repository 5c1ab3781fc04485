import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import {
  aPeopleSite,
  SECRET,
  SITE_URL,
  type PeopleSite,
  type PersonOfTest,
  type Signed,
} from '../testing/people-site.ts'
import { sealSession } from '../testing/seal-session.ts'

let site: PeopleSite
let person: PersonOfTest
let signed: Signed
let session: string

const OTHER_SECRET = 'another secret of at least thirty-two characters'
const csrfToken = 'c'.repeat(64)
const csrfCookie = (secret = SECRET): string =>
  `next-auth.csrf-token=${csrfToken}%7C${createHash('sha256').update(`${csrfToken}${secret}`).digest('hex')}`
const sessionCookie = async (claims: object, secret = SECRET, maxAge = 60): Promise<string> =>
  `next-auth.session-token=${await sealSession({ token: { ...claims }, secret, maxAge })}`

beforeAll(async () => {
  site = await aPeopleSite()
  person = await site.aPerson()
  signed = await site.signIn(person)
  session = await sessionCookie({ sid: signed.sessionId, bearer: signed.token })
})

const me = (cookie: string) => site.send('GET', '/api/me', { headers: { cookie } })
const rename = (headers: Record<string, string>) =>
  site.send('PATCH', '/api/me', { headers, payload: { name: 'Grace Hopper' } })
const fromOwnPage = { 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrfToken }

test('a page asks as whoever is signed in in its browser', async () => {
  const answer = await me(`theme=dark; ${session}; other=1`)
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({ user: { email: person.email }, sessionId: signed.sessionId })
})

test('a page of this site changes something with the token it can read', async () => {
  const cookie = `${session}; ${csrfCookie()}`
  expect((await rename({ cookie, ...fromOwnPage })).statusCode).toBe(204)
  // Older browsers do not say where a request comes from, but its origin.
  expect((await rename({ cookie, origin: SITE_URL, 'x-csrf-token': csrfToken })).statusCode).toBe(204)
})

describe('nothing is changed by a request', () => {
  test.each([
    ['without the token', { 'sec-fetch-site': 'same-origin' }],
    ['with another token', { 'sec-fetch-site': 'same-origin', 'x-csrf-token': 'd'.repeat(64) }],
    ['with an empty token', { 'sec-fetch-site': 'same-origin', 'x-csrf-token': '' }],
    ['of a page of another site', { 'sec-fetch-site': 'cross-site', 'x-csrf-token': csrfToken }],
    ['of a page of a neighbour', { 'sec-fetch-site': 'same-site', 'x-csrf-token': csrfToken }],
    ['that names another origin', { origin: 'https://evil.example', 'x-csrf-token': csrfToken }],
    ['of a sandboxed page', { origin: 'null', 'x-csrf-token': csrfToken }],
    ['that says nothing of where it comes from', { 'x-csrf-token': csrfToken }],
    ['whose browser contradicts its origin', { ...fromOwnPage, 'sec-fetch-site': 'cross-site', origin: SITE_URL }],
  ] as const)('%s', async (_name, headers) => {
    const answer = await rename({ cookie: `${session}; ${csrfCookie()}`, ...headers })
    expect(answer.json()).toMatchObject({ code: 'CSRF_REFUSED', status: 403 })
  })

  test('whose token a neighbour has set as a cookie', async () => {
    const answer = await rename({ cookie: `${session}; ${csrfCookie(OTHER_SECRET)}`, ...fromOwnPage })
    expect(answer.json()).toMatchObject({ code: 'CSRF_REFUSED' })
  })

  test('that is open to anyone but comes with a session', async () => {
    const payload = { email: 'someone@example.com', password: 'whatever it is' }
    const answer = await site.send('POST', '/api/sessions', { headers: { cookie: session }, payload })
    expect(answer.json()).toMatchObject({ code: 'CSRF_REFUSED' })
  })
})

test('a program that brings its own credentials needs no token, whatever cookies it sends', async () => {
  const answer = await site.send('PATCH', '/api/me', {
    as: signed.token,
    headers: { cookie: session },
    payload: { name: 'Grace Hopper' },
  })
  expect(answer.statusCode).toBe(204)
})

describe('nobody is signed in by a cookie', () => {
  test.each([
    ['sealed with another secret', () => sessionCookie({ bearer: signed.token }, OTHER_SECRET)],
    ['that has expired', () => sessionCookie({ bearer: signed.token }, SECRET, -60)],
    ['without a session', () => sessionCookie({ sid: signed.sessionId })],
    ["that holds only the session's id", () => sessionCookie({ bearer: signed.sessionId })],
    ['that was changed', () => `${session.slice(0, -4)}AAAA`],
    ['that is no token', () => 'next-auth.session-token=undefined'],
    ['under the name of another', () => session.replace('next-auth.session-token', '__Secure-next-auth.session-token')],
  ])('%s', async (_name, cookie) => {
    expect((await me(await cookie())).json()).toMatchObject({ status: 401 })
  })
})

test('a cookie that was found good is refused from its last second on', async () => {
  const later = await aPeopleSite()
  const someone = await later.aPerson()
  const { token } = await later.signIn(someone)
  const cookie = await sessionCookie({ bearer: token })
  const statusOf = async () => (await later.send('GET', '/api/me', { headers: { cookie } })).statusCode
  expect(await statusOf()).toBe(200)
  later.advance(61_000)
  expect(await statusOf()).toBe(401)
})

test('what is open to anyone stays so with a cookie that is worth nothing any more', async () => {
  const cookie = await sessionCookie({ bearer: signed.token }, OTHER_SECRET)
  const answer = await site.send('GET', '/.well-known/jwks.json', { headers: { cookie } })
  expect(answer.statusCode).toBe(200)
})

test('a cookie of the secret before the last change still counts', async () => {
  const renewed = await aPeopleSite({ secrets: [OTHER_SECRET, SECRET] })
  const someone = await renewed.aPerson()
  const { token } = await renewed.signIn(someone)
  const answer = await renewed.send('GET', '/api/me', { headers: { cookie: await sessionCookie({ bearer: token }) } })
  expect(answer.statusCode).toBe(200)
})

test('behind TLS only the cookie counts that no plain connection can set', async () => {
  const secure = await aPeopleSite({ isSecure: true })
  const someone = await secure.aPerson()
  const { token } = await secure.signIn(someone)
  const plain = await sessionCookie({ bearer: token })
  const statusOf = async (cookie: string) => (await secure.send('GET', '/api/me', { headers: { cookie } })).statusCode
  expect(await statusOf(plain)).toBe(401)
  expect(await statusOf(`__Secure-${plain}`)).toBe(200)
})

test('a session that ends is over for its browser at every process within a second', async () => {
  const here = await site.signIn(person)
  const elsewhere = await site.anotherProcess()
  const headers = { cookie: await sessionCookie({ bearer: here.token }) }
  const there = () => elsewhere.inject({ url: '/api/me', headers })
  expect((await there()).statusCode).toBe(200)
  await site.send('DELETE', `/api/sessions/${here.sessionId}`, { as: signed.token })
  await eventually(async () => expect((await there()).json()).toMatchObject({ code: 'SESSION_REVOKED' }), {
    withinMs: 1_000,
  })
})
