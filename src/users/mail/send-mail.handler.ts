import type { JobHandler } from '../../jobs/index.ts'
import { statement } from '../../platform/database.ts'
import { FIND_OPEN_REGISTRATION, FIND_PERSON, FIND_REGISTRATION, FIND_RESET } from '../people/people.queries.ts'
import { linkToken, type LinkKind } from '../people/link-tokens.ts'
import { mailWords } from '../notifications/mail-words.ts'
import { FIND_NOTIFICATION_MAIL } from '../notifications/notifications.queries.ts'
import type { MemberRole } from '../principal.ts'
import type { MailOrder, UsersJobDeps } from '../users.jobs.ts'
import { composeMail } from './compose-mail.ts'
import type { Mail } from './mailer.ts'

type InvitationFacts = {
  readonly email: string
  readonly role: MemberRole
  readonly accountName: string
  readonly inviter: string
}

const FIND_INVITATION_MAIL = statement<InvitationFacts>(
  'users.find_invitation_mail',
  `select i.email, i.role, a.name as "accountName", u.name as inviter
   from "Invitation" i join "Account" a on a.id = i."accountId" join "User" u on u.id = i."invitedBy"
   where i.id = $1 and i."expiresAt" > now() and num_nonnulls(i."acceptedAt", i."declinedAt", i."revokedAt") = 0`,
)

/** Finds out whom the mail is for and what stands in it, and sends it. What has ended meanwhile, and addresses that
 * nobody has, get none. Delivered twice it is sent twice, with the same link. */
export const handle: JobHandler<UsersJobDeps, MailOrder> = async (deps, order, { log }) => {
  const mail = await mailFor(deps, order)
  if (mail === null) {
    log.info({ kind: order.kind }, 'there was no mail to send')
    return
  }
  await deps.mailer.send(mail)
  log.info({ kind: order.kind, delivery: deps.mailer.delivery }, 'mail was sent')
}

async function mailFor(deps: UsersJobDeps, order: MailOrder): Promise<Mail | null> {
  const { db } = deps
  switch (order.kind) {
    case 'verify_email':
      return verificationMail(deps, order.registrationId)
    case 'verify_email_again': {
      const [open] = await db.query(FIND_OPEN_REGISTRATION, [order.email])
      return open === undefined ? null : verificationMail(deps, open.id)
    }
    case 'reset_password': {
      const [reset] = await db.query(FIND_RESET, [order.resetId])
      if (reset === undefined || reset.userId === null || reset.isUsed || reset.isExpired) return null
      const link = await linkTo(deps, '/reset', 'reset_password', order.resetId)
      return composeMail(reset.email, { kind: 'reset_password', link })
    }
    case 'invitation': {
      const [invitation] = await db.query(FIND_INVITATION_MAIL, [order.invitationId])
      if (invitation === undefined) return null
      const link = await pageOf(deps, `/invitations/${linkToken(deps.keyring, 'invitation', order.invitationId)}`)
      return composeMail(invitation.email, { kind: 'invitation', link, ...invitation })
    }
    case 'notice': {
      const [person] = await db.query(FIND_PERSON, [order.userId])
      if (person === undefined) return null
      const siteLink = await pageOf(deps, '/account')
      return composeMail(person.email, { kind: 'notice', notice: order.notice, siteLink })
    }
    case 'notification': {
      const [told] = await db.query(FIND_NOTIFICATION_MAIL, [order.notificationId])
      const words = told === undefined ? null : mailWords(told.kind, told.data)
      if (told === undefined || words === null) return null
      return composeMail(told.email, { kind: 'notification', words, link: await pageOf(deps, words.path) })
    }
  }
}

async function verificationMail(deps: UsersJobDeps, registrationId: string): Promise<Mail | null> {
  const [registration] = await deps.db.query(FIND_REGISTRATION, [registrationId])
  if (registration === undefined) return null
  const { email, isTaken, isUsed, isExpired } = registration
  if (isTaken) return composeMail(email, { kind: 'address_known', signInLink: await pageOf(deps, '/sign-in') })
  if (isUsed || isExpired) return null
  return composeMail(email, {
    kind: 'verify_email',
    link: await linkTo(deps, '/verify', 'verify_email', registrationId),
  })
}

/** Under the address that is configured, or the one the site listens on: never one that a request named. */
const pageOf = async ({ siteUrl }: UsersJobDeps, path: string): Promise<string> => new URL(path, await siteUrl).href

async function linkTo(deps: UsersJobDeps, path: string, kind: LinkKind, id: string): Promise<string> {
  return `${await pageOf(deps, path)}?token=${linkToken(deps.keyring, kind, id)}`
}
