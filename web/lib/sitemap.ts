import 'server-only'
import { ask, serverApi } from './server-api.ts'

/** As many as one file may name (sitemaps.org). */
const MOST_ADDRESSES = 50_000
const KEPT_MS = 10 * 60_000
const PLACES = ['/', '/agents', '/terms', '/privacy']

let kept: { readonly base: string; readonly madeMs: number; readonly parts: readonly string[] } | undefined

/** The addresses that are for everybody, as a sitemap in pieces: the site's own places, each public agent with the day it
 * last changed, and each creator. Read page by page and sent as it is read; kept for ten minutes, so that crawlers do not
 * walk the catalogue each time. What cannot be read ends the file early rather than give a list that looks whole: it then
 * throws, and the connection is cut. */
export async function* sitemap(base: string): AsyncGenerator<string> {
  if (kept !== undefined && kept.base === base && Date.now() - kept.madeMs < KEPT_MS) {
    yield* kept.parts
    return
  }
  const parts: string[] = []
  for await (const part of made(base)) {
    parts.push(part)
    yield part
  }
  kept = { base, madeMs: Date.now(), parts }
}

async function* made(base: string): AsyncGenerator<string> {
  const entry = (path: string, changedAt?: string) =>
    `<url><loc>${escapeXml(new URL(path, base).href)}</loc>${changedAt === undefined ? '' : `<lastmod>${escapeXml(changedAt)}</lastmod>`}</url>\n`
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
  yield PLACES.map((path) => entry(path)).join('')
  const creators = new Set<string>()
  let count = PLACES.length
  let cursor: string | null = null
  do {
    const page = await listPage(cursor)
    let text = ''
    for (const { owner, slug, updatedAt } of page.items) {
      if (owner === undefined || slug === undefined || count >= MOST_ADDRESSES) continue
      const name = encodeURIComponent(owner)
      text += entry(`/agents/${name}/${encodeURIComponent(slug)}`, updatedAt)
      count += 1
      if (creators.has(owner) || count >= MOST_ADDRESSES) continue
      creators.add(owner)
      text += entry(`/creators/${name}`)
      count += 1
    }
    yield text
    cursor = count >= MOST_ADDRESSES ? null : page.nextCursor
  } while (cursor !== null)
  yield '</urlset>\n'
}

async function listPage(cursor: string | null) {
  const query = {
    sort: 'new',
    limit: 100,
    fields: 'owner,slug,updatedAt',
    ...(cursor === null ? {} : { cursor }),
  } as const
  const answer = await ask((await serverApi()).GET('/api/agents', { params: { query } }))
  if (!answer.ok) throw new Error(`the catalogue cannot be read: ${answer.problem.code}`)
  return answer.data
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
