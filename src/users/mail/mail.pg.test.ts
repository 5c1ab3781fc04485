import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { statement } from '../../platform/database.ts'
import { aPeopleSite } from '../testing/people-site.ts'
import { anSmtpServer } from '../testing/smtp-server.ts'

const phrase = 'a phrase nobody says'
/** RFC 2045: what a mail program makes of the body's lines. */
const plain = (data: string): string => data.replaceAll('=\r\n', '').replaceAll('=3D', '=')

async function aServer() {
  const server = await anSmtpServer()
  onTestFinished(() => server.stop())
  return server
}

test('a mail goes to its one recipient as text and page, from the sender that is configured', async () => {
  const smtp = await aServer()
  const site = await aPeopleSite({ smtpUrl: smtp.url, mailFrom: 'Bureau <bureau@example.com>' })
  const answer = await site.post('/api/users', {
    email: 'ada@example.org',
    name: 'Ada "A" <x@example.org>',
    password: phrase,
  })
  expect(answer.statusCode).toBe(202)
  const mail = await eventually(
    () => {
      expect(smtp.received).toHaveLength(1)
      return smtp.received[0]
    },
    { withinMs: 8_000 },
  )
  expect(mail?.to).toEqual(['<ada@example.org>'])
  const data = plain(mail?.data ?? '')
  const head = data.split('\r\n\r\n', 1)[0] ?? ''
  expect(head).toMatch(/^From: Bureau <bureau@example.com>$/m)
  expect(head).toMatch(/^To: ada@example.org$/m)
  expect(head).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(head).not.toMatch(/^(Cc|Bcc):/im)
  expect(data).toMatch(/Content-Type: text\/plain/)
  expect(data).toMatch(/Content-Type: text\/html/)
  const token = /token=([\w.-]+)/.exec(data)?.[1] ?? ''
  expect((await site.post('/api/users/verification', { token })).statusCode).toBe(201)
})

test('a server that says later is asked again; one that says never is not, and no dead letter is left of it', async () => {
  const smtp = await aServer()
  const site = await aPeopleSite({ smtpUrl: smtp.url, mailFrom: 'bureau@example.com' })
  smtp.answerRecipients('450 4.2.0 greylisted')
  await site.post('/api/users', { email: 'later@example.org', name: 'A', password: phrase })
  const STATES = statement<{ state: string }>(
    'test.mail_jobs',
    `select state::text from pgboss.job where name = 'send_mail' order by created_on`,
  )
  const states = async () => (await site.database.db.query(STATES)).map((row) => row.state)
  await eventually(async () => expect(await states()).toEqual(['retry']), { withinMs: 8_000 })
  smtp.answerRecipients(null)
  await eventually(async () => expect(await states()).toEqual(['completed']), { withinMs: 15_000 })
  expect(smtp.received).toHaveLength(1)
  smtp.answerRecipients('550 5.1.1 no such mailbox')
  await site.post('/api/users', { email: 'never@example.org', name: 'A', password: phrase })
  await eventually(async () => expect(await states()).toEqual(['completed', 'completed']), { withinMs: 8_000 })
  expect(smtp.received).toHaveLength(1)
  expect(await site.jobs.countDeadLetters()).toBe(0)
}, 40_000)

test('without a server mails are files that only the site may read, listed to admins and nobody else', async () => {
  const site = await aPeopleSite()
  const [person, admin] = [await site.aPerson(), await site.aPerson()]
  await site.database.db.execute(
    statement('test.admin', `update "User" set roles = array['user', 'admin'] where id = $1`),
    [admin.userId],
  )
  const [as, asAdmin] = [(await site.signIn(person)).token, (await site.signIn(admin)).token]
  const refused = await site.send('GET', '/api/mail', { as })
  expect(refused.json()).toMatchObject({ code: 'FORBIDDEN', permission: 'admin' })
  const first = await site.send('GET', '/api/mail?limit=1', { as: asAdmin })
  const page: { items: { to: string; text: string }[]; nextCursor: string; delivery: string } = first.json()
  expect(page).toMatchObject({
    delivery: 'files',
    items: [{ to: admin.email, subject: 'Confirm your e-mail address' }],
  })
  const rest = await site.send('GET', `/api/mail?cursor=${page.nextCursor}`, { as: asAdmin })
  expect(rest.json()).toMatchObject({ items: [{ to: person.email }], nextCursor: null })
  const folder = site.people.options.mailFolder
  const names = await readdir(folder)
  expect(names).toHaveLength(2)
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  const looks = await site.database.db.query(
    statement<{ actor: string }>('test.mail_audit', `select actor from "AuditEvent" where action = 'mail.read'`),
  )
  expect(looks).toEqual([1, 2].map(() => ({ actor: `user:${admin.userId}` })))
})
