import type { Keyring } from '../../platform/keyring.ts'
import { usersErrors } from '../users.errors.ts'

/** What a link in a mail is for. A link for one thing opens nothing else. */
export type LinkKind = 'verify_email' | 'reset_password' | 'invitation'

const TOKEN = /^([a-z0-9]{20,40})\.([A-Za-z0-9_-]{43})$/

/** The token of a link: the row's id and its MAC. Nothing secret has to be stored or to pass through the job queue, a
 * mail that is sent again carries the same link, and who reads the database still cannot make one. That it works once,
 * and until when, stands in the row. */
export function linkToken(keyring: Keyring, kind: LinkKind, id: string): string {
  return `${id}.${keyring.mac(`link ${kind}`, id).toString('base64url')}`
}

/** The row's id of a token that we made for this.
 * @throws EnhancedAppError LINK_INVALID */
export function readLinkToken(keyring: Keyring, kind: LinkKind, token: string): string {
  const [, id, mac] = TOKEN.exec(token) ?? []
  if (id === undefined || mac === undefined || !keyring.isMac(`link ${kind}`, id, Buffer.from(mac, 'base64url'))) {
    throw usersErrors.LINK_INVALID()
  }
  return id
}
