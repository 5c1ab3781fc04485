import { beforeAll, expect, test, vi } from 'vitest'
import { statement } from '../../platform/database.ts'
import { aPeopleSite, SECRET, type PeopleSite } from '../testing/people-site.ts'
import { problemsOfProviders } from './auth-providers.ts'

let site: PeopleSite
let credential: string

beforeAll(async () => {
  vi.stubEnv('NEXTAUTH_SECRET', SECRET)
  // As the site makes it, in its own process and from its own code.
  const { serviceCredential } = await import('../../../web/lib/service-credential.ts')
  credential = serviceCredential()
  site = await aPeopleSite({
    githubId: 'id',
    githubSecret: 'secret',
    oidcIssuer: 'https://id.example',
    welcomeMicro: 5n,
  })
})

const ada = { provider: 'github', subject: '1001', email: 'ada@example.org', emailVerified: true, name: 'Ada' }
const signIn = (order: object, headers: Record<string, string> = { 'bureau-site': credential }) =>
  site.send('POST', '/api/sessions/external', { headers, payload: order })

const MEMBERS = statement<{ count: bigint }>('test.members', `select count(*) from "User" where email = $1`)

test('only those providers are offered that are configured whole, and half of one is a fault of the configuration', async () => {
  expect((await site.send('GET', '/api/auth-providers')).json()).toEqual([{ id: 'github', name: 'GitHub' }])
  expect((await signIn({ ...ada, provider: 'oidc' })).json()).toMatchObject({ code: 'PROVIDER_UNKNOWN' })
  const nothing = { githubSecret: undefined, googleId: undefined, googleSecret: undefined, oidcIssuer: undefined }
  expect(
    problemsOfProviders({ ...nothing, githubId: 'x', oidcId: undefined, oidcSecret: undefined, oidcName: 'SSO' }),
  ).toEqual(['GITHUB_SECRET: must be set with GITHUB_ID'])
})

test('nobody but the site says whom a provider vouches for', async () => {
  expect((await signIn(ada, {})).json()).toMatchObject({ code: 'SITE_ONLY' })
  expect((await signIn(ada, { 'bureau-site': `${credential}x` })).json()).toMatchObject({ code: 'TOKEN_INVALID' })
})

test('who is new is registered once, also by two sign-ins at once, and is the same person when the address changes', async () => {
  const [one, two] = await Promise.all([signIn(ada), signIn(ada)])
  expect([one.statusCode, two.statusCode]).toEqual([201, 201])
  const { userId, token } = one.json<{ userId: string; token: string }>()
  expect(two.json()).toMatchObject({ userId })
  expect((await site.database.db.query(MEMBERS, [ada.email]))[0]?.count).toBe(1n)
  expect((await signIn({ ...ada, email: 'new@example.org', emailVerified: false })).json()).toMatchObject({ userId })
  expect((await site.send('GET', '/api/me', { as: token })).json()).toMatchObject({
    user: { email: ada.email, hasPassword: false },
  })
})

test('an address that the provider does not vouch for opens nothing, and links to nobody', async () => {
  const person = await site.aPerson()
  const order = { ...ada, subject: '1002', email: person.email, emailVerified: false }
  expect((await signIn(order)).json()).toMatchObject({ code: 'EXTERNAL_EMAIL_UNVERIFIED' })
  const linked = await signIn({ ...order, emailVerified: true })
  expect(linked.json()).toMatchObject({ userId: person.userId })
  await site.mailTo(person.email, 'A new way to sign in')
})

const UNVERIFY = statement('test.unverify', `update "User" set "emailVerifiedAt" = null where email = $1`)

test('an account whose address nobody has proven is not given to who proves it elsewhere', async () => {
  const person = await site.aPerson()
  await site.database.db.execute(UNVERIFY, [person.email])
  const order = { ...ada, subject: '1003', email: person.email }
  expect((await signIn(order)).json()).toMatchObject({ code: 'EXTERNAL_ACCOUNT_UNVERIFIED' })
})

const SET_TOTP = statement(
  'test.set_totp',
  `update "User" set "totpSecret" = '\\x00', "totpConfirmedAt" = now() where id = $1`,
)

test('a second factor is asked for all the same', async () => {
  const person = await site.aPerson()
  const order = { ...ada, subject: '1004', email: person.email }
  expect((await signIn(order)).statusCode).toBe(201)
  await site.database.db.execute(SET_TOTP, [person.userId])
  expect((await signIn(order)).json()).toMatchObject({ code: 'TWO_FACTOR_REQUIRED' })
})

test('the only way in cannot be unlinked; with a password it can, and then signs in nobody', async () => {
  const order = { ...ada, subject: '1005', email: 'only@example.org' }
  const { token } = (await signIn(order)).json<{ token: string }>()
  const unlink = (as: string) => site.send('DELETE', '/api/identities/github', { as })
  expect((await unlink(token)).json()).toMatchObject({ code: 'IDENTITY_IS_LAST' })

  await site.post('/api/users/password-mail', { email: order.email })
  const { token: link } = await site.mailTo(order.email, 'Set a new password')
  const password = 'quite another phrase of theirs'
  const reset = await site.post('/api/users/password', { token: link, password })
  expect(reset.statusCode, reset.body).toBeLessThan(300)
  const { token: own } = await site.signIn({ email: order.email, password })
  expect((await site.send('GET', '/api/identities', { as: own })).json()).toMatchObject([
    { provider: 'github', name: 'GitHub', email: order.email },
  ])
  expect((await unlink(own)).statusCode).toBe(204)
  expect((await unlink(own)).json()).toMatchObject({ code: 'IDENTITY_NOT_FOUND' })
  expect((await signIn({ ...order, emailVerified: false })).json()).toMatchObject({ code: 'EXTERNAL_EMAIL_UNVERIFIED' })
})

test('a person who is signed in links another address of theirs, and nobody links what is somebody else’s', async () => {
  const [one, two] = [await site.aPerson(), await site.aPerson()]
  const link = async (person: typeof one, headers: Record<string, string>) => {
    const { token } = await site.signIn(person)
    const payload = { ...ada, subject: '1006', email: 'private@example.org' }
    return site.send('POST', '/api/identities', { as: token, headers, payload })
  }
  expect((await link(one, {})).json()).toMatchObject({ code: 'SITE_ONLY' })
  expect((await link(one, { 'bureau-site': credential })).statusCode).toBe(204)
  expect((await link(two, { 'bureau-site': credential })).json()).toMatchObject({ code: 'IDENTITY_TAKEN' })
  expect((await signIn({ ...ada, subject: '1006', email: 'private@example.org' })).json()).toMatchObject({
    userId: one.userId,
  })
})
