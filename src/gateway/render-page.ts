import { randomBytes } from 'node:crypto'
import type { RenderedPage } from './page-cache.ts'
import { hashPolicy } from './page-policy.ts'

const WITHIN_MS = 15_000
/** More than any page of ours; what is larger was not meant to be kept. */
const MAX_PAGE_BYTES = 4_000_000

/** Has the site render a page for nobody in particular: no cookie, no address, nothing that a visitor sent but the path.
 * @throws Error if the site cannot be reached, or answers too late or too much */
export async function renderPage(order: {
  readonly siteUrl: string
  readonly path: string
  /** The address people see. */
  readonly own: URL
}): Promise<RenderedPage> {
  const { own } = order
  const styleNonce = randomBytes(16).toString('base64')
  const response = await fetch(order.siteUrl + order.path, {
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      'x-nonce': styleNonce,
      'x-forwarded-host': own.host,
      'x-forwarded-proto': own.protocol.slice(0, -1),
    },
    signal: AbortSignal.timeout(WITHIN_MS),
  })
  const html = await response.text()
  if (html.length > MAX_PAGE_BYTES) throw new Error(`the page ${order.path} is too large to be kept`)
  const type = response.headers.get('content-type') ?? 'text/html; charset=utf-8'
  const location = response.headers.get('location')
  const policy = hashPolicy(html, { origin: own.origin, styleNonce, isSecure: own.protocol === 'https:' })
  return {
    status: response.status,
    headers: {
      'content-type': type,
      'content-security-policy': policy,
      ...(location === null ? {} : { location }),
    },
    html,
    isKept: response.status === 200 && response.headers.get('set-cookie') === null && type.startsWith('text/html'),
  }
}
