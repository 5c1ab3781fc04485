import type { IncomingMessage } from 'node:http'
import { matchesTag, type FindReadyAnswer, type ReadyAnswer } from '../http/index.ts'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { KeptPage } from './page-cache.ts'
import { mayBeKept } from './public-pages.ts'
import { encodingFor, type Encoding } from './site-assets.ts'

/** What a kept page is sent with, besides its own headers. A browser asks again each time, and is told that nothing has
 * changed; who signs in sees it at once. */
export const keptPageHeaders = (
  pageHeaders: Readonly<Record<string, string>>,
  page: KeptPage,
): Readonly<Record<string, string>> => ({
  ...pageHeaders,
  ...page.headers,
  'cache-control': 'private, no-cache',
  vary: 'accept-encoding, cookie',
})

/** The answers of one page: whole, by encoding, and "not modified". */
type Answers = Map<Encoding | 'known', ReadyAnswer>

/** Answers from kept pages before anything else is done with a request: nothing of it is read but what tells pages apart.
 * @param deps.find the kept page that a request is for, if there is one right now
 * @param deps.headers of every page */
export function createReadyPages(deps: {
  readonly find: (req: IncomingMessage, url: string) => KeptPage | undefined
  readonly headers: Readonly<Record<string, string>>
}): FindReadyAnswer {
  const answers = new WeakMap<KeptPage, Answers>()
  // The same few texts from every browser.
  const encodings = createBoundedCache<Encoding>(200)

  function encodingOf(header: string | undefined): Encoding {
    if (header === undefined) return 'plain'
    const known = encodings.get(header)
    if (known !== undefined) return known
    const found = encodingFor(header)
    if (header.length < 200) encodings.set(header, found)
    return found
  }

  function answerOf(page: KeptPage, kind: Encoding | 'known', body: Buffer | null): ReadyAnswer {
    let known = answers.get(page)
    if (known === undefined) {
      known = new Map()
      answers.set(page, known)
    }
    let answer = known.get(kind)
    if (answer === undefined) {
      const { 'content-type': type = '', ...headers } = keptPageHeaders(deps.headers, page)
      const whole = { 'content-type': type, ...(kind === 'plain' ? {} : { 'content-encoding': kind }) }
      answer =
        kind === 'known'
          ? { status: 304, headers, body: null, route: '/*' }
          : { status: page.status, headers: { ...headers, ...whole }, body, route: '/*' }
      known.set(kind, answer)
    }
    return answer
  }

  return (req) => {
    const { url = '', headers } = req
    if (headers['bureau-site'] !== undefined || !mayBeKept({ method: 'GET', url, headers })) return null
    const page = deps.find(req, url)
    if (page === undefined) return null
    const { etag } = page.headers
    if (etag !== undefined && matchesTag(headers['if-none-match'], etag)) return answerOf(page, 'known', null)
    const encoding = encodingOf(headers['accept-encoding'])
    const body = page.ready(encoding)
    return body === undefined ? null : answerOf(page, encoding, body)
  }
}
