import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { generateSync } from 'otplib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { aBrowserSite, type BrowserSite } from '../../test/support/browser-site.ts'
import { eventually } from '../../test/support/eventually.ts'

const site = await aBrowserSite({ BUREAU_WELCOME_CREDITS: '96.5' })

/** The newest link to one of the site's pages in a mail to this address. */
const linkFor = (to: string, page: string) =>
  eventually(
    async () => {
      const folder = join(site.dataDir, 'mail')
      for (const name of (await readdir(folder)).toSorted().reverse()) {
        const mail: { to: string; text: string } = JSON.parse(await readFile(join(folder, name), 'utf8'))
        const path = new RegExp(`https?://[^/\\s]+(${page}\\S*)`).exec(mail.text)?.[1]
        if (mail.to === to && path !== undefined) return path
      }
      throw new Error(`no mail to ${to} with a link to ${page}`)
    },
    { withinMs: 20_000 },
  )

async function fillSignIn(page: Page, person: { readonly email: string; readonly password: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function signedIn(who: BrowserSite, person: { readonly email: string; readonly password: string }) {
  const visitor = await who.visitor()
  expect(await visitor.signIn(person)).toBeNull()
  return visitor
}

test('one registers, follows the link of the mail, signs in and is home, where one was going', async () => {
  const { page, violations } = await site.visitor()
  const ana = { email: 'ana@example.com', password: 'violet otter ladder 9' }
  await page.goto(`${site.origin}/credits`)
  await page.waitForURL(/\/sign-in\?next=%2Fcredits$/)
  await page.getByRole('link', { name: 'Make an account' }).click()
  await page.waitForURL(/\/register/)

  // Wrong first: what is wrong stands beside the field, the first has the focus, what was typed is kept.
  await page.getByLabel('E-mail address').fill('ana')
  await page.getByRole('button', { name: 'Make an account' }).click()
  await page.getByText('Enter a name; others see it').waitFor()
  expect(await page.locator(':focus').getAttribute('name')).toBe('name')
  expect(await page.getByLabel('E-mail address').inputValue()).toBe('ana')

  await page.getByLabel('Name').fill('Ana Moreau')
  await page.getByLabel('E-mail address').fill(ana.email)
  await page.getByLabel('Password', { exact: true }).fill('qwertyuiop')
  await page.getByRole('button', { name: 'Make an account' }).click()
  await page.getByText(/is one of the passwords that are tried first|is a row of the keyboard/i).waitFor()
  await page.getByLabel('Password', { exact: true }).fill(ana.password)
  await page.getByRole('button', { name: 'Make an account' }).click()
  await page.getByText('Look into your mail').waitFor()

  await page.goto(site.origin + (await linkFor(ana.email, '/verify')))
  await page.getByRole('button', { name: 'Confirm this address' }).click()
  await page.getByText('Your address is confirmed').waitFor()
  await page.getByLabel('Password', { exact: true }).fill(ana.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${site.origin}/credits`)
  await page.getByRole('heading', { name: 'Credits', level: 1 }).waitFor()
  await page.getByText('Given by this site').waitFor()
  expect(violations).toEqual([])
})

test('with two-factor a password is not enough: a code of the authenticator signs in, and so does a recovery code, once', async () => {
  const person = await site.aPerson()
  const first = await signedIn(site, person)
  await first.page.goto(`${site.origin}/account`)
  await first.page.getByRole('button', { name: 'Switch two-factor on' }).click()
  await first.page.getByLabel('Your password').fill(person.password)
  await first.page.getByRole('button', { name: 'Go on' }).click()
  await first.page.getByRole('img', { name: 'Code for the camera of your authenticator' }).waitFor()
  const secret = ((await first.page.getByRole('region', { name: 'Key' }).textContent()) ?? '').replaceAll(' ', '')
  await first.page.getByLabel('Code that it shows now').fill(generateSync({ secret }))
  await first.page.getByRole('button', { name: 'Switch two-factor on' }).click()
  const codes = ((await first.page.getByRole('region', { name: 'Codes' }).textContent()) ?? '').split('\n')
  expect(codes.length).toBeGreaterThanOrEqual(8)

  const { page } = await site.visitor()
  const code = page.getByLabel('Recovery code')
  const useRecoveryCode = async () => {
    await page.goto(`${site.origin}/sign-in`)
    await fillSignIn(page, person)
    expect(await page.getByLabel('Code of your authenticator').getAttribute('autocomplete')).toBe('one-time-code')
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await code.fill(codes[0] ?? '')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  await useRecoveryCode()
  await page.waitForURL(`${site.origin}/home`)
  await page.context().clearCookies()
  await useRecoveryCode()
  await page.getByText('The code is wrong, or was used before').waitFor()
})

test('who forgot the password sets a new one by mail, and the old one is worth nothing', async () => {
  const person = await site.aPerson()
  const { page } = await site.visitor()
  await page.goto(`${site.origin}/forgot`)
  await page.getByLabel('E-mail address').fill(person.email)
  await page.getByRole('button', { name: 'Send the link' }).click()
  await page.getByText('Look into your mail').waitFor()
  await page.goto(site.origin + (await linkFor(person.email, '/reset')))
  await page.getByLabel('New password').fill('amber kettle seventeen')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Your new password is set').waitFor()
  await fillSignIn(page, person)
  await page.getByText('E-mail address or password is wrong').waitFor()
  await fillSignIn(page, { ...person, password: 'amber kettle seventeen' })
  await page.waitForURL(`${site.origin}/home`)
})

test('an owner invites somebody into a team; they accept by the link and act for it', async () => {
  const [owner, guest] = [await site.aPerson(), await site.aPerson()]
  const { page } = await signedIn(site, owner)
  await page.goto(`${site.origin}/account`)
  await page.getByRole('button', { name: 'Make a team' }).click()
  await page.getByLabel('Name of the team').fill('Harbour Research')
  await page.getByRole('button', { name: 'Make it' }).click()
  const invitations = page.getByRole('region', { name: 'Invitations' })
  await invitations.getByLabel('E-mail address').fill(guest.email)
  await invitations.getByRole('button', { name: 'Invite' }).click()
  await invitations.getByText(`An invitation is on its way to ${guest.email}.`).waitFor()

  const joining = await signedIn(site, guest)
  await joining.page.goto(site.origin + (await linkFor(guest.email, '/invitations/')))
  await joining.page.getByText('Harbour Research').waitFor()
  await joining.page.getByRole('button', { name: 'Accept' }).click()
  await joining.page.waitForURL(`${site.origin}/home`)
  await joining.page.getByText('You act for Harbour Research, as developer.').waitFor()
})

/** As `aPerson` names them. */
const nameOf = ({ email }: { readonly email: string }): string => email.replace(/^person(\d+)@.*$/, 'Person $1')

test('who is invited as billing sees what the team spent and ran, and is told whom to ask for the rest', async () => {
  const [owner, guest] = [await site.aPerson(), await site.aPerson()]
  const { page } = await signedIn(site, owner)
  await page.goto(`${site.origin}/account`)
  await page.getByRole('button', { name: 'Make a team' }).click()
  await page.getByLabel('Name of the team').fill('Pier Accounts')
  await page.getByRole('button', { name: 'Make it' }).click()
  const invitations = page.getByRole('region', { name: 'Invitations' })
  await invitations.getByLabel('E-mail address').fill(guest.email)
  await invitations.getByLabel('Role').selectOption('billing')
  await invitations.getByRole('button', { name: 'Invite' }).click()
  await invitations.getByText(`An invitation is on its way to ${guest.email}.`).waitFor()

  const joining = (await signedIn(site, guest)).page
  await joining.goto(site.origin + (await linkFor(guest.email, '/invitations/')))
  await joining.getByText('billing').first().waitFor()
  await joining.getByRole('button', { name: 'Accept' }).click()
  await joining.waitForURL(`${site.origin}/home`)
  await joining.getByText('You act for Pier Accounts, as billing.').waitFor()
  const rail = joining.getByRole('navigation', { name: 'Yours' })
  await rail.getByRole('link', { name: 'Credits' }).waitFor()
  expect(await rail.getByRole('link', { name: 'Developers' }).count()).toBe(0)

  await joining.goto(`${site.origin}/credits`)
  await joining.getByText('What Pier Accounts has, and where it went.').waitFor()
  await joining.goto(`${site.origin}/runs`)
  await joining.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
  expect(await joining.getByText('Not for your role').count()).toBe(0)
  await joining.goto(`${site.origin}/developers`)
  await joining.getByText('Not for your role').first().waitFor()
  await joining
    .getByText(
      `You act for Pier Accounts, as billing: you may see runs and credits. To see its API keys, ask ${nameOf(owner)} for another role.`,
    )
    .waitFor()
  expect(await joining.locator('main').textContent()).not.toContain('keys.read')
  await joining.goto(`${site.origin}/account`)
  await joining.getByRole('region', { name: 'Members' }).getByText(owner.email).waitFor()
  expect(await joining.getByRole('button', { name: 'Invite' }).count()).toBe(0)
  // What the pages leave out is refused as well.
  const tried =
    await joining.evaluate(`fetch('/api/auth/csrf').then((answer) => answer.json()).then(({ csrfToken }) => Promise.all([
      ['/api/keys', { name: 'mine', scopes: ['runs.read'] }],
      ['/api/invitations', { email: 'friend@example.com', role: 'owner' }],
    ].map(([path, body]) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken }, body: JSON.stringify(body) })
      .then((answer) => answer.json()).then(({ code }) => code))))`)
  expect(tried).toEqual(['FORBIDDEN', 'FORBIDDEN'])
})

test('a session that is ended in one browser is out in the other within a second', async () => {
  const person = await site.aPerson()
  const [here, there] = [await signedIn(site, person), await signedIn(site, person)]
  const listens = there.page.waitForEvent('websocket')
  await there.page.goto(`${site.origin}/account`)
  await (await listens).waitForEvent('framereceived')
  await here.page.goto(`${site.origin}/account`)
  await here.page.getByRole('button', { name: 'Sign out the others' }).first().click()
  await here.page.getByRole('dialog').getByRole('button', { name: 'Sign out the others' }).click()
  await here.page.getByRole('dialog').waitFor({ state: 'hidden' })
  // That it takes less than a second is shown where no browser takes the processors (sessions.pg.test.ts).
  await eventually(
    async () => {
      const answer = await there.context.request.get(`${site.origin}/api/me`)
      if (answer.status() !== 401) throw new Error(`still answers ${answer.status()}`)
    },
    { withinMs: 5_000 },
  )
  // The page that stands there open leaves by itself: nobody reads on.
  await there.page.waitForURL(/\/sign-in\?next=%2Faccount$/)
  expect((await here.context.request.get(`${site.origin}/api/me`)).status()).toBe(200)
})

test('an API key is shown once with a call that works as it stands', async () => {
  const { page } = await signedIn(site, await site.aPerson())
  await page.goto(`${site.origin}/developers`)
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByText('Say what it is for').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('Nightly import')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const key = (await page.getByRole('region', { name: 'Key', exact: true }).textContent()) ?? ''
  expect(await page.getByRole('region', { name: 'Call' }).textContent()).toContain(`Authorization: Bearer ${key}`)
  const headers = { authorization: `Bearer ${key}` }
  expect((await fetch(`${site.origin}/api/runs`, { headers })).status).toBe(200)
  await page.reload()
  expect(await page.content()).not.toContain(key)
  await page.getByRole('button', { name: 'Revoke key Nightly import' }).click()
  await page.getByRole('button', { name: 'Revoke it' }).click()
  await page.getByText('No API keys yet').waitFor()
  expect((await fetch(`${site.origin}/api/runs`, { headers })).status).toBe(401)
})

test('axe finds nothing on any page at the door or of a person, light or dark', async () => {
  const visitor = await site.visitor()
  const own = await signedIn(site, await site.aPerson())
  const pages = [
    ...[
      '/sign-in',
      '/register',
      '/forgot',
      '/verify?token=x',
      '/reset?token=x',
      '/invitations/x',
      '/terms',
      '/privacy',
      '/nowhere',
    ].map((path) => ({ page: visitor.page, path })),
    ...['/home', '/credits', '/developers', '/account'].map((path) => ({ page: own.page, path })),
  ]
  const found: string[] = []
  for (const { page, path } of pages) {
    await page.goto(site.origin + path)
    await page.locator('h1, h2').first().waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const { violations } = await new AxeBuilder({ page }).analyze()
      found.push(...violations.map(({ id, nodes }) => `${path} ${colorScheme}: ${id} ${nodes[0]?.html}`))
    }
  }
  expect(found).toEqual([])
}, 300_000)
