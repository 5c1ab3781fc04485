/** What of a page its ranking and its snippet depend on, read without a browser. */
export type PageFacts = {
  readonly lang: string | null
  readonly title: string | null
  readonly titles: number
  readonly metas: ReadonlyMap<string, string>
  readonly canonicals: readonly string[]
  readonly headings: readonly { readonly level: number; readonly text: string }[]
  readonly links: readonly { readonly href: string; readonly text: string; readonly isNoFollow: boolean }[]
  readonly images: readonly { readonly src: string; readonly alt: string | null }[]
  readonly structuredData: readonly { readonly isValid: boolean; readonly types: readonly string[] }[]
  readonly words: number
}

type Tag = { readonly name: string; readonly isEnd: boolean; readonly attributes: ReadonlyMap<string, string> }

// A tag that is not closed ends at the next one, and a comment that is not closed at the end: so no place is read over
// and over.
const TOKEN = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>|[^<]+|</g
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g
/** Their content is no text of the page. */
const RAW = new Set(['script', 'style', 'template', 'noscript', 'svg'])

/** Reads a page as forgivingly as a browser would: unclosed and unknown tags are no fault. Linear in its length. */
export function readHtml(html: string): PageFacts {
  const metas = new Map<string, string>()
  const canonicals: string[] = []
  const headings: { level: number; text: string }[] = []
  const links: { href: string; text: string; isNoFollow: boolean }[] = []
  const images: { src: string; alt: string | null }[] = []
  const structuredData: { isValid: boolean; types: string[] }[] = []
  let lang: string | null = null
  let title: string | null = null
  let titles = 0
  let words = 0
  let raw: { name: string; isData: boolean; text: string } | null = null
  let heading: { level: number; text: string } | null = null
  let link: { href: string; text: string; isNoFollow: boolean } | null = null
  let isInTitle = false
  let isInBody = false

  for (const [token, slash, name, rest] of html.matchAll(TOKEN)) {
    if (raw !== null) {
      if (slash === '/' && name?.toLowerCase() === raw.name) {
        if (raw.isData) structuredData.push(readData(raw.text))
        raw = null
      } else if (raw.isData) raw.text += token
      continue
    }
    if (name === undefined) {
      if (token.startsWith('<!--')) continue
      const text = decodeEntities(token)
      if (isInTitle) title = (title ?? '') + text
      if (heading !== null) heading.text += text
      if (link !== null) link.text += text
      if (isInBody) words += text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
      continue
    }
    const tag: Tag = { name: name.toLowerCase(), isEnd: slash === '/', attributes: readAttributes(rest ?? '') }
    const at = (attribute: string): string | null => tag.attributes.get(attribute) ?? null
    const level = /^h([1-6])$/.exec(tag.name)?.[1]
    if (tag.isEnd) {
      if (tag.name === 'title') isInTitle = false
      if (level !== undefined && heading !== null) {
        headings.push({ ...heading, text: tidy(heading.text) })
        heading = null
      }
      if (tag.name === 'a' && link !== null) {
        links.push({ ...link, text: tidy(link.text) })
        link = null
      }
    } else if (RAW.has(tag.name)) {
      if (!(rest ?? '').trimEnd().endsWith('/') || tag.name === 'script')
        raw = { name: tag.name, isData: at('type')?.toLowerCase() === 'application/ld+json', text: '' }
    } else if (tag.name === 'html') lang = at('lang')
    else if (tag.name === 'body') isInBody = true
    else if (tag.name === 'title') {
      titles++
      isInTitle = titles === 1
    } else if (tag.name === 'meta') {
      const key = (at('name') ?? at('property') ?? (at('charset') === null ? null : 'charset'))?.toLowerCase()
      if (key !== undefined && !metas.has(key)) metas.set(key, tidy(at('content') ?? at('charset') ?? ''))
    } else if (tag.name === 'link') {
      if (at('rel')?.toLowerCase().split(/\s+/).includes('canonical')) canonicals.push(at('href') ?? '')
    } else if (level !== undefined) heading = { level: Number(level), text: '' }
    else if (tag.name === 'a' && at('href') !== null)
      link = { href: at('href') ?? '', text: at('aria-label') ?? '', isNoFollow: /nofollow/i.test(at('rel') ?? '') }
    else if (tag.name === 'img') {
      images.push({ src: at('src') ?? '', alt: at('alt') })
      // An image with words stands for the text of its link.
      if (link !== null) link.text += ` ${at('alt') ?? ''}`
    }
  }
  return {
    lang,
    title: title === null ? null : tidy(title),
    titles,
    metas,
    canonicals,
    headings,
    links,
    images,
    structuredData,
    words,
  }
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ''))
  }
  return attributes
}

function readData(text: string): { isValid: boolean; types: string[] } {
  try {
    const value: unknown = JSON.parse(text)
    return { isValid: true, types: typesIn(value) }
  } catch {
    return { isValid: false, types: [] }
  }
}

function typesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(typesIn)
  if (typeof value !== 'object' || value === null) return []
  const type = '@type' in value ? value['@type'] : null
  const graph = '@graph' in value ? typesIn(value['@graph']) : []
  return [...(typeof type === 'string' ? [type] : []), ...graph]
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function decodeEntities(text: string): string {
  return text.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return Number.isInteger(code) && code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
  })
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()
