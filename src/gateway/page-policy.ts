import { createHash } from 'node:crypto'

/** Who may run, load and frame what on a page. */
function policy(parts: {
  readonly scripts: string
  readonly styles: string
  readonly isSecure: boolean
  readonly isDevelopment: boolean
}): string {
  return [
    "default-src 'none'",
    `script-src ${parts.scripts}${parts.isDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src ${parts.styles}`,
    // The components set `style` attributes, which neither nonce nor hash covers; they load and run nothing.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    // Results that are pages of their own, each in a sandbox.
    "frame-src 'self' blob:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    ...(parts.isSecure ? ['upgrade-insecure-requests'] : []),
  ].join('; ')
}

/** For a page that is rendered for one request: only scripts that carry its nonce run, and what those load. */
export function noncePolicy(
  nonce: string,
  facts: { readonly isSecure: boolean; readonly isDevelopment: boolean },
): string {
  const styles = facts.isDevelopment ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`
  return policy({ scripts: `'nonce-${nonce}' 'strict-dynamic'`, styles, ...facts })
}

/** For a page that is kept and given to many: a nonce would be known to everybody, so its own scripts run by their hash,
 * and files only from where the build lies. Strangers' files are served elsewhere, which is why not the whole site may.
 * @param origin the page's own, which no visitor chose   @param styleNonce of style elements; they run nothing */
export function hashPolicy(
  html: string,
  facts: { readonly origin: string; readonly styleNonce: string; readonly isSecure: boolean },
): string {
  const hashes = new Set(
    inlineScripts(html).map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`),
  )
  return policy({
    scripts: [`${facts.origin}/_next/static/`, ...hashes].join(' '),
    styles: `'self' 'nonce-${facts.styleNonce}'`,
    isSecure: facts.isSecure,
    isDevelopment: false,
  })
}

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi

/** Texts of the scripts that stand in the page itself. Data blocks (`type="application/…"`) run nothing and need none. */
function inlineScripts(html: string): string[] {
  return [...html.matchAll(SCRIPT)]
    .filter(
      ([, attributes = '']) => !/\ssrc\s*=/i.test(attributes) && !/\stype\s*=\s*["']?application\//i.test(attributes),
    )
    .map(([, , text = '']) => text)
    .filter((text) => text !== '')
}
