import { generateSync } from 'otplib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { aBrowserSite } from '../../../test/support/browser-site.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { anOpenIdProvider } from '../../../test/support/openid-provider.ts'

const provider = await anOpenIdProvider('Harbour ID')
const site = await aBrowserSite(provider.env)

async function continueAs(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue with Harbour ID' }).click()
  await page.waitForURL(`${provider.issuer}/**`)
  await page.getByRole('button', { name, exact: true }).click()
}

const me = async (page: Page): Promise<{ user: { id: string; email: string; hasPassword: boolean } }> =>
  (await page.request.get(`${site.origin}/api/me`)).json()

test('who is new signs in by another site, lands where they were going, signs out, and is the same person again', async () => {
  const visitor = await site.visitor()
  const { page } = visitor
  provider.admit({ sub: 'noor', name: 'Noor Haddad', email: 'noor@example.org', email_verified: true })
  await page.goto(`${site.origin}/credits`)
  await continueAs(page, 'Noor Haddad')
  await page.waitForURL(`${site.origin}/credits`)
  const first = await me(page)
  expect(first.user).toMatchObject({ email: 'noor@example.org', name: 'Noor Haddad', hasPassword: false })

  await page.getByRole('button', { name: /^Noor Haddad, acting for/ }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await eventually(async () => expect((await page.request.get(`${site.origin}/api/me`)).status()).toBe(401), {
    withinMs: 5_000,
  })

  await page.waitForURL(`${site.origin}/`)

  // The provider remembers them, so it sends them back at once.
  await page.goto(`${site.origin}/sign-in?next=%2Fdevelopers`)
  await page.getByRole('button', { name: 'Continue with Harbour ID' }).click()
  await page.waitForURL(`${site.origin}/developers`)
  expect((await me(page)).user.id).toBe(first.user.id)
  expect({ violations: visitor.violations, faults: provider.faults }).toEqual({ violations: [], faults: [] })
})

test('an address that the other site has confirmed is the account that has it; one that it has not opens nothing and says what to do', async () => {
  const owner = await site.aPerson()
  const { page } = await site.visitor()
  const there = provider.admit({ sub: 'owner', name: 'The Owner', email: owner.email, email_verified: false })
  await page.goto(`${site.origin}/sign-in?next=%2Fcredits`)
  await continueAs(page, 'The Owner')
  await page.waitForURL(/\/sign-in\?error=EXTERNAL_EMAIL_UNVERIFIED$/)
  await page.getByRole('alert').getByText('has not confirmed your e-mail address').waitFor()
  expect((await page.request.get(`${site.origin}/api/me`)).status()).toBe(401)

  // Confirmed there, and tried again from where they stand: they are who they were, where they were going.
  there.email_verified = true
  await page.getByRole('button', { name: 'Continue with Harbour ID' }).click()
  await page.waitForURL(`${site.origin}/credits`)
  expect((await me(page)).user).toMatchObject({ id: owner.userId, hasPassword: true })
})

test('who comes back without having signed in there is told so, and nothing has changed', async () => {
  const { page, context } = await site.visitor()
  await page.goto(`${site.origin}/sign-in?next=%2Fcredits`)
  await continueAs(page, 'Cancel')
  await page.waitForURL(/\/sign-in\?error=ProviderCanceled$/)
  await page.getByRole('alert').getByText('You left the other site without signing in there').waitFor()
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('next-auth.session-token')
  // What came back belongs to another browser: nobody is signed in by a link.
  await page.goto(`${site.origin}/api/auth/callback/oidc?code=stolen&state=made-up`)
  await page.waitForURL(/\/sign-in\?.*error=OAuthCallback/)
  await page.getByRole('alert').getByText('could not be used').waitFor()
})

test('a second factor is asked for when another site vouches, and the code goes on where they were going', async () => {
  const owner = await site.aPerson()
  provider.admit({ sub: 'careful', name: 'Careful', email: owner.email, email_verified: true })
  const first = await site.visitor()
  expect(await first.signIn(owner)).toBeNull()
  await first.page.goto(`${site.origin}/account`)
  await first.page.getByRole('button', { name: 'Switch two-factor on' }).click()
  await first.page.getByLabel('Your password').fill(owner.password)
  await first.page.getByRole('button', { name: 'Go on' }).click()
  const secret = ((await first.page.getByRole('region', { name: 'Key' }).textContent()) ?? '').replaceAll(' ', '')
  await first.page.getByLabel('Code that it shows now').fill(generateSync({ secret }))
  await first.page.getByRole('button', { name: 'Switch two-factor on' }).click()
  const [recovery = ''] = ((await first.page.getByRole('region', { name: 'Codes' }).textContent()) ?? '').split('\n')

  const { page, context } = await site.visitor()
  await page.goto(`${site.origin}/sign-in?next=%2Fcredits`)
  await continueAs(page, 'Careful')
  await page.waitForURL(/\/sign-in\?step=code&next=%2Fcredits$/)
  expect((await page.request.get(`${site.origin}/api/me`)).status()).toBe(401)
  const halfway = (await context.cookies()).find(({ name }) => name === 'bureau.halfway')
  expect(halfway).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
  // What they have so far is no session.
  const asSession = { cookie: `next-auth.session-token=${halfway?.value ?? ''}` }
  expect((await fetch(`${site.origin}/api/me`, { headers: asSession })).status).toBe(401)

  await page.getByLabel('Code of your authenticator').fill('000000')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('The code is wrong, or was used before').waitFor()
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(recovery)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${site.origin}/credits`)
  expect((await me(page)).user.id).toBe(owner.userId)
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('bureau.halfway')
})

test('on the account page one connects another site, and is rid of it again; the only way in stays', async () => {
  const owner = await site.aPerson()
  provider.admit({ sub: 'work', name: 'At Work', email: 'at.work@example.org', email_verified: false })
  const { page, signIn } = await site.visitor()
  expect(await signIn(owner)).toBeNull()
  const sessionBefore: { sessionId: string } = await (await page.request.get(`${site.origin}/api/me`)).json()
  await page.goto(`${site.origin}/account`)
  const connected = page.getByRole('region', { name: 'Connected accounts' })
  await connected.getByRole('button', { name: 'Connect Harbour ID' }).click()
  await page.getByRole('button', { name: 'At Work', exact: true }).click()
  await page.waitForURL(`${site.origin}/account?connected=oidc`)
  await connected.getByText('Harbour ID signs you in from now on.').waitFor()
  await connected.getByText('at.work@example.org').waitFor()
  // It is the session that they had.
  expect(await (await page.request.get(`${site.origin}/api/me`)).json()).toMatchObject({
    sessionId: sessionBefore.sessionId,
    user: { id: owner.userId, email: owner.email },
  })

  // Somebody else cannot take it.
  const thief = await site.visitor()
  expect(await thief.signIn(await site.aPerson())).toBeNull()
  await thief.page.goto(`${site.origin}/account`)
  await thief.page.getByRole('button', { name: 'Connect Harbour ID' }).click()
  await thief.page.getByRole('button', { name: 'At Work', exact: true }).click()
  await thief.page.waitForURL(`${site.origin}/account?error=IDENTITY_TAKEN`)
  await thief.page.getByText('belongs to somebody else here').waitFor()

  await connected.getByRole('button', { name: 'Disconnect Harbour ID' }).click()
  await page.getByRole('dialog').getByText('You can connect it again').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect it' }).click()
  await connected.getByText('Not connected').waitFor()

  // Whoever came by another site has no password: the way out is named, and there is no button that would fail.
  const only = await site.visitor()
  provider.admit({ sub: 'only', name: 'Only Way', email: 'only.way@example.org', email_verified: true })
  await only.page.goto(`${site.origin}/sign-in?next=%2Faccount`)
  await continueAs(only.page, 'Only Way')
  const panel = only.page.getByRole('region', { name: 'Connected accounts' })
  await panel.getByText('It is your only way in. Set a password first.').waitFor()
  expect(await panel.getByRole('button', { name: 'Disconnect Harbour ID' }).count()).toBe(0)
  await panel.getByRole('link', { name: 'Set a password by mail' }).waitFor()
})

test('a site that cannot be reached is said to be so, and the password still signs in', async () => {
  const owner = await site.aPerson()
  const { page } = await site.visitor()
  await page.goto(`${site.origin}/sign-in`)
  await page.getByRole('button', { name: 'Continue with Harbour ID' }).waitFor()
  await provider.stop()
  await page.getByRole('button', { name: 'Continue with Harbour ID' }).click()
  await page.getByRole('alert').getByText('The other site cannot be reached right now').waitFor()
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${site.origin}/home`)
})
