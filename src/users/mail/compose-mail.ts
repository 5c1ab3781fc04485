import { escapeHtml } from '../../http/index.ts'
import type { MemberRole } from '../principal.ts'
import type { Notice } from '../users.jobs.ts'
import type { NotificationWords } from '../notifications/mail-words.ts'
import type { Mail } from './mailer.ts'

/** What a mail tells. Everything in it is a stranger's text until it is escaped. */
export type MailFacts =
  | { readonly kind: 'verify_email'; readonly link: string }
  | { readonly kind: 'address_known'; readonly signInLink: string }
  | { readonly kind: 'reset_password'; readonly link: string }
  | {
      readonly kind: 'invitation'
      readonly link: string
      readonly accountName: string
      readonly inviter: string
      readonly role: MemberRole
    }
  | { readonly kind: 'notice'; readonly notice: Notice; readonly siteLink: string }
  | { readonly kind: 'notification'; readonly words: NotificationWords; readonly link: string }

type Words = {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly action?: { readonly label: string; readonly link: string }
  readonly after: string
}

/** @param to one address, checked when it was taken in */
export function composeMail(to: string, facts: MailFacts): Mail {
  const words = wordsOf(facts)
  return { to, subject: oneLine(words.subject), text: textOf(words), html: htmlOf(words) }
}

function wordsOf(facts: MailFacts): Words {
  switch (facts.kind) {
    case 'verify_email':
      return {
        subject: 'Confirm your e-mail address',
        paragraphs: ['Somebody, probably you, registered at Bureau with this address. Confirm it to begin.'],
        action: { label: 'Confirm this address', link: facts.link },
        // Not the name that was typed: a stranger could have us send their words to anybody.
        after:
          'The link works once, for 24 hours. If it was not you, do nothing: without the link there is no account.',
      }
    case 'address_known':
      return {
        subject: 'You have an account already',
        paragraphs: [
          'Somebody, probably you, registered at Bureau with this address, which has an account. Sign in, or set a new password there.',
        ],
        action: { label: 'Sign in', link: facts.signInLink },
        after: 'If it was not you, do nothing: nothing was changed.',
      }
    case 'reset_password':
      return {
        subject: 'Set a new password',
        paragraphs: [
          'Somebody, probably you, asked to set a new password for this address. Every device will have to sign in again.',
        ],
        action: { label: 'Set a new password', link: facts.link },
        after: 'The link works once, for one hour. If it was not you, do nothing: the old password stays.',
      }
    case 'invitation':
      return {
        subject: `Invitation to ${brief(facts.accountName)}`,
        paragraphs: [
          `${brief(facts.inviter)} invites you to the account "${brief(facts.accountName)}" at Bureau, as ${facts.role}.`,
        ],
        action: { label: 'Look at the invitation', link: facts.link },
        after: 'The link works once, for 7 days. If you do not know them, do nothing.',
      }
    case 'notice':
      return { ...NOTICES[facts.notice], action: { label: 'Look at your account', link: facts.siteLink } }
    case 'notification':
      return {
        subject: facts.words.subject,
        paragraphs: [facts.words.text],
        action: { label: facts.words.action, link: facts.link },
        after: 'Which of these mails you get is set on the page of your account.',
      }
  }
}

const IF_NOT_YOU = 'If it was not you, set a new password at once: that signs out everybody else.'
const NOTICES: Readonly<Record<Notice, Omit<Words, 'action'>>> = {
  password_changed: {
    subject: 'Your password was changed',
    paragraphs: [
      'The password of your account was changed, and other devices were signed out. API keys go on working.',
    ],
    after: IF_NOT_YOU,
  },
  two_factor_enabled: {
    subject: 'Two-factor is on',
    paragraphs: [
      'Signing in now asks for a code of your authenticator. Keep the recovery codes where you keep passwords.',
    ],
    after: IF_NOT_YOU,
  },
  two_factor_disabled: {
    subject: 'Two-factor is off',
    paragraphs: ['Signing in asks for the password alone from now on.'],
    after: IF_NOT_YOU,
  },
  recovery_code_used: {
    subject: 'A recovery code was used',
    paragraphs: ['Somebody, probably you, signed in with one of your recovery codes. It does not work again.'],
    after: IF_NOT_YOU,
  },
  identity_linked: {
    subject: 'A new way to sign in',
    paragraphs: ['An account of yours at another provider was linked: it signs in to your account here from now on.'],
    after: `${IF_NOT_YOU} Then unlink it.`,
  },
  identity_unlinked: {
    subject: 'A way to sign in was removed',
    paragraphs: ['An account at another provider was unlinked: it does not sign in here any more.'],
    after: IF_NOT_YOU,
  },
}

function textOf({ paragraphs, action, after }: Words): string {
  const parts = [...paragraphs, ...(action === undefined ? [] : [`${action.label}:\n${action.link}`]), after]
  return `${parts.join('\n\n')}\n`
}

function htmlOf({ subject, paragraphs, action, after }: Words): string {
  const parts = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`)
  if (action !== undefined) {
    const link = escapeHtml(action.link)
    parts.push(`<p><a href="${link}">${escapeHtml(action.label)}</a></p><p>${link}</p>`)
  }
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>${parts.join('')}<p>${escapeHtml(after)}</p></body></html>`
}

/** A header is one line, whatever got into its words. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** A name as a mail to somebody else shows it: short, and nothing that a mail program makes into a link. */
export const brief = (name: string): string =>
  oneLine(name)
    .replaceAll(/[:/@<>"]|\.(?=\S)/g, ' ')
    .slice(0, 60)
