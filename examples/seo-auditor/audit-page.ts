import type { PageFacts } from './read-html.ts'

export type Severity = 'error' | 'warning' | 'passed'
export type Finding = {
  readonly check: string
  readonly severity: Severity
  readonly message: string
  readonly fix: string | null
}

/** How the page came. Without it (the HTML was pasted) the checks of the transport are left out. */
export type Transport = {
  readonly url: URL
  readonly status: number
  readonly ms: number
  readonly bytes: number
  readonly robotsHeader: string | null
}

type Check = (page: PageFacts, transport: Transport | null) => Omit<Finding, 'check'> | null

const passed = (message: string): Omit<Finding, 'check'> => ({ severity: 'passed', message, fix: null })
const error = (message: string, fix: string): Omit<Finding, 'check'> => ({ severity: 'error', message, fix })
const warning = (message: string, fix: string): Omit<Finding, 'check'> => ({ severity: 'warning', message, fix })

/** In the order in which one would mend them. Lengths are those at which result pages cut. */
const CHECKS: Readonly<Record<string, Check>> = {
  status: (_, transport) => {
    if (transport === null) return null
    return transport.status < 400
      ? passed(`The page answers ${transport.status}.`)
      : error(`The page answers ${transport.status}.`, 'Make the address answer 200, or redirect it to one that does.')
  },
  https: (_, transport) => {
    if (transport === null) return null
    return transport.url.protocol === 'https:'
      ? passed('The page comes over HTTPS.')
      : error('The page comes over plain HTTP.', 'Serve it over HTTPS and redirect the old address.')
  },
  indexable: (page, transport) => {
    const rules = `${page.metas.get('robots') ?? ''} ${transport?.robotsHeader ?? ''}`
    return /\b(noindex|none)\b/i.test(rules)
      ? error('The page asks not to be indexed.', 'Remove noindex from the robots meta tag or the X-Robots-Tag header.')
      : passed('Search engines may index the page.')
  },
  title: ({ title, titles }) => {
    if (title === null || title === '') return error('There is no title.', 'Write one of 30 to 60 characters.')
    if (titles > 1) return warning(`There are ${titles} title tags.`, 'Keep one.')
    if (title.length > 60)
      return warning(
        `The title has ${title.length} characters and will be cut.`,
        'Keep it below 60; the word that matters first.',
      )
    return title.length < 15
      ? warning(`The title has only ${title.length} characters.`, 'Say what is on the page in 30 to 60.')
      : passed(`The title has ${title.length} characters.`)
  },
  description: ({ metas }) => {
    const text = metas.get('description') ?? ''
    if (text === '') return error('There is no meta description.', 'Write one of 70 to 160 characters.')
    if (text.length > 160)
      return warning(`The description has ${text.length} characters and will be cut.`, 'Keep it below 160.')
    return text.length < 50
      ? warning(`The description has only ${text.length} characters.`, 'Use 70 to 160 to say why one should click.')
      : passed(`The description has ${text.length} characters.`)
  },
  h1: ({ headings }) => {
    const first = headings.filter(({ level }) => level === 1)
    if (first.length === 0) return error('There is no h1.', 'Give the page one main heading.')
    return first.length > 1
      ? warning(`There are ${first.length} h1 headings.`, 'Keep one for the subject of the page; use h2 below it.')
      : passed(`The h1 is “${first[0]?.text ?? ''}”.`)
  },
  headingOrder: ({ headings }) => {
    const jump = headings.find(({ level }, at) => at > 0 && level > (headings[at - 1]?.level ?? 0) + 1)
    return jump === undefined
      ? passed('No heading level is left out.')
      : warning(`“${jump.text}” (h${jump.level}) leaves a level out.`, 'Let levels grow one by one.')
  },
  lang: ({ lang }) =>
    lang === null || lang === ''
      ? warning('The page does not name its language.', 'Set the lang attribute of the html tag.')
      : passed(`The page names its language: ${lang}.`),
  viewport: ({ metas }) =>
    metas.has('viewport')
      ? passed('There is a viewport for phones.')
      : error(
          'There is no viewport meta tag.',
          'Add <meta name="viewport" content="width=device-width, initial-scale=1">.',
        ),
  charset: ({ metas }) =>
    metas.has('charset')
      ? passed('The page names its character set.')
      : warning(
          'The page does not name its character set.',
          'Add <meta charset="utf-8"> as the first tag of the head.',
        ),
  canonical: ({ canonicals }) => {
    const [canonical] = canonicals
    if (canonical === undefined) return warning('There is no canonical address.', 'Add <link rel="canonical">.')
    if (canonicals.length > 1) return error(`There are ${canonicals.length} canonical addresses.`, 'Keep one.')
    return /^https?:\/\//i.test(canonical)
      ? passed(`The canonical address is ${canonical}.`)
      : warning('The canonical address is relative.', 'Write it in full, with https://.')
  },
  imageAlt: ({ images }) => {
    const without = images.filter(({ alt }) => alt === null)
    if (images.length === 0) return null
    return without.length === 0
      ? passed(`All ${images.length} images have an alt attribute.`)
      : error(
          `${without.length} of ${images.length} images have no alt attribute, the first ${without[0]?.src || 'without a src'}.`,
          'Describe each in a few words, or set alt="" where it only decorates.',
        )
  },
  linkText: ({ links }) => {
    const empty = links.filter(({ text }) => text === '')
    if (links.length === 0) return null
    return empty.length === 0
      ? passed(`All ${links.length} links have words.`)
      : warning(`${empty.length} links have no words, the first to ${empty[0]?.href}.`, 'Put words into each link.')
  },
  structuredData: ({ structuredData }) => {
    if (structuredData.length === 0)
      return warning('There is no structured data.', 'Describe the page by schema.org in JSON-LD.')
    return structuredData.some(({ isValid }) => !isValid)
      ? error('Some structured data is not JSON.', 'Mend the JSON-LD script.')
      : passed(`Structured data: ${structuredData.flatMap(({ types }) => types).join(', ') || 'without a type'}.`)
  },
  openGraph: ({ metas }) => {
    const missing = ['og:title', 'og:description', 'og:image'].filter((name) => !metas.get(name))
    return missing.length === 0
      ? passed('Shared links have a title, a description and an image.')
      : warning(`Shared links lack ${missing.join(', ')}.`, 'Add the Open Graph tags.')
  },
  content: ({ words }) =>
    words < 150
      ? warning(`The page has ${words} words of text.`, 'Say more, or check whether the text is made by scripts.')
      : passed(`The page has ${words} words of text.`),
  speed: (_, transport) => {
    if (transport === null) return null
    return transport.ms > 1_500
      ? warning(`The page took ${transport.ms} ms to arrive.`, 'Look at the server, or put a cache before it.')
      : passed(`The page arrived in ${transport.ms} ms.`)
  },
  weight: (_, transport) => {
    if (transport === null) return null
    return transport.bytes > 500_000
      ? warning(`The HTML alone weighs ${Math.round(transport.bytes / 1_000)} kB.`, 'Keep it below 500 kB.')
      : passed(`The HTML weighs ${Math.round(transport.bytes / 1_000)} kB.`)
  },
}

/** What each check says, those that fail first. */
export function auditPage(page: PageFacts, transport: Transport | null): Finding[] {
  const order: readonly Severity[] = ['error', 'warning', 'passed']
  return Object.entries(CHECKS)
    .flatMap(([check, look]) => {
      const found = look(page, transport)
      return found === null ? [] : [{ check, ...found }]
    })
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}

const WORTH: Readonly<Record<Severity, number>> = { passed: 1, warning: 0.5, error: 0 }

/** 0 to 100: the part of the checks that passed, a warning counting half. */
export function scoreOf(findings: readonly Finding[]): number {
  const sum = findings.reduce((all, { severity }) => all + WORTH[severity], 0)
  return findings.length === 0 ? 0 : Math.round((100 * sum) / findings.length)
}
