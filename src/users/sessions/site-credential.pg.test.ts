import { expect, test, vi } from 'vitest'
import { createKeyring } from '../../platform/keyring.ts'
import { aPeopleSite, SECRET } from '../testing/people-site.ts'
import { createSigningKeys } from './signing-keys.ts'
import { createSiteCredential } from './site-credential.ts'

/** As the site makes it, in its own process and from its own code. */
async function credentialOf(secret: string): Promise<string> {
  vi.stubEnv('NEXTAUTH_SECRET', secret)
  const { serviceCredential } = await import(`../../../web/lib/service-credential.ts?${secret.length}`)
  return serviceCredential()
}

const OTHER_SECRET = 'another secret of at least thirty-two characters'

test('what the site says of its visitor is believed with its credential, and with nothing else', async () => {
  const site = await aPeopleSite()
  const person = await site.aPerson()
  const address = '203.0.113.7'
  const signIn = async (headers: Record<string, string>) => {
    const payload = { email: person.email, password: person.password }
    const answer = await site.send('POST', '/api/sessions', { headers, payload })
    if (answer.statusCode !== 201) return answer.json<{ code: string }>().code
    const { token }: { token: string } = answer.json()
    const list: { items: { isCurrent: boolean; address: string }[] } = (
      await site.send('GET', '/api/sessions', { as: token })
    ).json()
    return list.items.find((one) => one.isCurrent)?.address
  }
  const own = await credentialOf(SECRET)
  expect(await signIn({ 'bureau-site': own, 'bureau-visitor': address })).toBe(address)
  expect(await signIn({ 'bureau-visitor': address })).toBe('192.0.2.1')
  expect(await signIn({ 'x-forwarded-for': address })).toBe('192.0.2.1')
  expect(await signIn({ 'bureau-site': own, 'bureau-visitor': 'not an address' })).toBe('192.0.2.1')
  expect(await signIn({ 'bureau-site': await credentialOf(OTHER_SECRET), 'bureau-visitor': address })).toBe(
    'TOKEN_INVALID',
  )
  expect(await signIn({ 'bureau-site': `${own}x`, 'bureau-visitor': address })).toBe('TOKEN_INVALID')
})

test('a credential of the site holds for a minute, give or take what clocks differ', async () => {
  const check = createSiteCredential(createKeyring([OTHER_SECRET, SECRET])).check
  const token = await credentialOf(SECRET)
  const nowMs = Date.now()
  expect(() => check(token, nowMs)).not.toThrow()
  expect(() => check(token, nowMs + 120_000)).toThrow(expect.objectContaining({ code: 'TOKEN_EXPIRED' }))
  expect(() => check(token, nowMs - 60_000)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }))
})

test('one that was made to hold for hours is none: whoever finds it in a log has it for a minute', () => {
  const keyring = createKeyring([SECRET])
  const iat = Math.floor(Date.now() / 1_000)
  const lasting = (seconds: number) =>
    createSigningKeys(keyring, 'site service').sign({ iss: 'bureau', aud: 'bureau:site', iat, exp: iat + seconds })
  const { check } = createSiteCredential(keyring)
  expect(() => check(lasting(60), Date.now())).not.toThrow()
  expect(() => check(lasting(3_600), Date.now())).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }))
})
