import type { SecretGrant } from '../sandbox.types.ts'
import { isDeclared } from './host-pattern.ts'
import type { Target } from './policy.ts'

/** What stands for a secret in a header until the host puts it in. */
const PLACEHOLDER = /\{\{secret\.([A-Z][A-Z0-9_]{0,49})\}\}/g

export type FilledHeader =
  | { readonly kind: 'value'; readonly value: string }
  /** It names a secret that is not sent to this host. */
  | { readonly kind: 'withheld'; readonly secret: string; readonly why: string }

/** A header with its secrets put in, if they all may go to this target: declared for the host, and encrypted on the way
 * unless the operator named the host as one of their own. */
export function fillHeader(value: string, secrets: ReadonlyMap<string, SecretGrant>, target: Target): FilledHeader {
  const plain = inBasic(value)
  const text = plain ?? value
  for (const [, name = ''] of text.matchAll(PLACEHOLDER)) {
    const grant = secrets.get(name)
    if (grant === undefined) return { kind: 'withheld', secret: name, why: 'it is not set' }
    if (!isDeclared(grant.hosts, target.host, target.port))
      return { kind: 'withheld', secret: name, why: `it is set for ${grant.hosts.join(', ')} only` }
    if (target.url.protocol !== 'https:' && !target.isPrivateAllowed)
      return { kind: 'withheld', secret: name, why: 'it is sent over https only' }
  }
  const filled = text.replaceAll(PLACEHOLDER, (whole, name: string) => secrets.get(name)?.value ?? whole)
  return { kind: 'value', value: plain === null ? filled : `Basic ${Buffer.from(filled).toString('base64')}` }
}

/** User and password of HTTP's basic authentication, where one of them is a secret; null otherwise. */
function inBasic(value: string): string | null {
  const [, encoded] = /^basic ([a-z0-9+/=]+)$/i.exec(value) ?? []
  if (encoded === undefined) return null
  const decoded = Buffer.from(encoded, 'base64').toString('latin1')
  return decoded.match(PLACEHOLDER) === null ? null : decoded
}
