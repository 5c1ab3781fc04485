import { expect, test } from 'vitest'
import { mailWords } from '../notifications/mail-words.ts'
import { composeMail } from './compose-mail.ts'

const link = 'https://bureau.example/invitations/a.b?&x="<y>"'
const hostile = 'Team\r\nBcc: everybody@example.org\r\n\r\n<script>alert(1)</script> https://evil.example/win'
const invitation = composeMail('guest@example.org', {
  kind: 'invitation',
  link,
  accountName: hostile,
  inviter: hostile,
  role: 'admin',
})

test('a name cannot add a header: the subject is one short line', () => {
  expect(invitation.subject).not.toMatch(/[\r\n]/)
  expect(invitation.subject.length).toBeLessThan(80)
  expect(invitation.to).toBe('guest@example.org')
})

test('nor can the words of a notice', () => {
  const words = {
    subject: 'Your run of A\r\nBcc: b@example.org failed',
    text: 'It failed.',
    action: 'Look',
    path: '/runs',
  }
  const { subject } = composeMail('guest@example.org', { kind: 'notification', words, link })
  expect(subject).toBe('Your run of A Bcc: b@example.org failed')
})

test('a name cannot add markup, and no address in it becomes a link', () => {
  expect(invitation.html).not.toContain('<script')
  expect(`${invitation.text}${invitation.html}`).not.toMatch(/evil\.example|https:\/\/evil/)
})

test('nor can a short one that is all address, of an account or of an agent', () => {
  const name = 'Win at https://evil.example/win'
  const invited = composeMail('guest@example.org', {
    kind: 'invitation',
    link,
    accountName: name,
    inviter: name,
    role: 'admin',
  })
  const words = [
    mailWords('run_ended', { runId: 'r', agent: name, status: 'failed', charge: '0' }),
    mailWords('agent_failing', { agent: name, address: 'a/b', failed: 3, runs: 4 }),
  ].flatMap((one) =>
    one === null ? [] : [composeMail('owner@example.org', { kind: 'notification', words: one, link })],
  )
  expect(words).toHaveLength(2)
  for (const { subject, text, html } of [invited, ...words])
    expect(`${subject}${text}${html}`).not.toMatch(/evil\.example|https:\/\/evil|:\/\/evil/)
})

test('whatever stands in a sentence is text', () => {
  const words = {
    subject: '<b>s</b>',
    text: '<script>alert(1)</script> & "more"',
    action: '<i>Look</i>',
    path: '/runs',
  }
  const { html } = composeMail('guest@example.org', { kind: 'notification', words, link })
  expect(html).toContain('<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;</p>')
  expect(html).not.toMatch(/<script|<b>|<i>/)
})

test('the link stands whole in the text and escaped in the page', () => {
  expect(invitation.text).toContain(link)
  expect(invitation.html).toContain('href="https://bureau.example/invitations/a.b?&amp;x=&quot;&lt;y&gt;&quot;"')
})

test('a registration carries nothing that its sender chose: nobody has us send their words to a stranger', () => {
  const mail = composeMail('stranger@example.org', {
    kind: 'verify_email',
    link: 'https://bureau.example/verify?token=a.b',
  })
  expect(mail.text.match(/https?:\/\/\S+/g)).toEqual(['https://bureau.example/verify?token=a.b'])
})
