import type { ErrorSpec } from '../platform/errors.ts'
import { escapeHtml } from './html.ts'

/** The page that `type` of every problem points to: each code with its status and what to do. */
export function errorsPage(catalogue: ReadonlyMap<string, ErrorSpec>): string {
  const rows = [...catalogue]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(
      ([code, spec]) =>
        `<section id="${escapeHtml(code)}"><h2><a href="#${escapeHtml(code)}">${escapeHtml(code)}</a></h2>
<p>${escapeHtml(spec.title)}. HTTP ${spec.status}, ${RETRY[spec.retry]}</p><p>${escapeHtml(spec.fix)}</p></section>`,
    )
  return page(
    'Error codes',
    `<nav><a href="/">Bureau</a> · <a href="/docs">API reference</a></nav><h1>Error codes</h1>\n${rows.join('\n')}`,
  )
}

const RETRY = {
  never: 'sending the same again will not help.',
  later: 'the same request may succeed later.',
  now: 'the same request may be sent again at once.',
} as const

/** A small page without scripts. Its only style is the sheet at /docs/page.css, so that the policy needs no exception.
 * @param body HTML whose strangers' text is already escaped */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Bureau</title><link rel="stylesheet" href="/docs/page.css"></head>
<body><main>${body}</main></body></html>`
}

/** Policy of such a page. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; img-src 'self' data:"

export const PAGE_STYLE = `:root{color-scheme:light dark;font:16px/1.6 system-ui,sans-serif}
body{margin:0}main{max-width:44rem;margin:3rem auto;padding:0 1rem}
h2{font-size:1rem;margin:2rem 0 .25rem}p{margin:.25rem 0}a{color:inherit}
code{overflow-wrap:anywhere;display:block;padding:1rem;border:1px solid currentColor;border-radius:.5rem}
button{font:inherit;padding:.6rem 1.2rem;border-radius:.5rem;border:1px solid currentColor;cursor:pointer}
section:target{outline:2px solid currentColor;outline-offset:.5rem}
`
