import { defineAgent, type AgentContext } from 'bureau'
import { z } from 'zod'
import { auditPage, scoreOf, type Transport } from './audit-page.ts'
import { readHtml } from './read-html.ts'

const finding = z.object({
  check: z.string(),
  severity: z.enum(['error', 'warning', 'passed']),
  message: z.string(),
  fix: z.string().nullable(),
})

const MAX_BYTES = 5_000_000

/** Tells what keeps a page from being found. */
export default defineAgent({
  name: 'SEO auditor',
  description:
    'Fetches a web page, or takes its HTML, and checks what search engines and shared links look at: title, description, headings, language, canonical address, images, links, structured data, speed. Says what to mend first.',
  input: z.object({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('A page on the public internet'),
    html: z.string().min(1).max(2_000_000).optional().describe('Its HTML instead, for a page that is not online'),
    checkLinks: z.number().int().min(0).max(30).default(5).describe('Links of the same site to follow'),
  }),
  output: z.object({
    url: z.string().nullable(),
    status: z.number().int().nullable(),
    score: z.number().int().describe('0 to 100'),
    title: z.string().nullable(),
    description: z.string().nullable(),
    headings: z.array(z.object({ level: z.number().int(), text: z.string() })),
    links: z.object({ internal: z.number().int(), external: z.number().int(), nofollow: z.number().int() }),
    brokenLinks: z.array(z.object({ url: z.string(), why: z.string() })),
    findings: z.array(finding),
  }),
  price: { run: '1' },
  limits: { timeoutMs: 60_000, memoryMb: 256 },
  // Which site is audited, the caller says.
  egress: ['*'],
  idempotent: true,
  examples: [{ name: 'A page of a small shop', input: { html: examplePage(), checkLinks: 0 } }],
  async run({ url, html, checkLinks }, ctx) {
    if (url === undefined && html === undefined) throw new Error('Give the url of a page, or its html')
    const page = url === undefined ? null : await fetchPage(url, ctx)
    const facts = readHtml(page?.html ?? html ?? '')
    const transport = page?.transport ?? null
    ctx.log.info('read', { headings: facts.headings.length, links: facts.links.length, images: facts.images.length })
    const links = facts.links.flatMap(({ href, isNoFollow }) => {
      const target = absolute(href, transport?.url)
      return target === null ? [] : [{ target, isNoFollow }]
    })
    const site = transport?.url.host ?? null
    const isInternal = ({ target }: { target: URL }): boolean => site === null || target.host === site
    const internal = links.filter(isInternal)
    const brokenLinks =
      transport === null
        ? []
        : await findBroken([...new Set(internal.map(({ target }) => target.href))], checkLinks, ctx)
    const findings = auditPage(facts, transport)
    return {
      url: transport?.url.href ?? null,
      status: transport?.status ?? null,
      score: scoreOf(findings),
      title: facts.title,
      description: facts.metas.get('description') ?? null,
      headings: facts.headings.slice(0, 100),
      links: {
        internal: internal.length,
        external: links.length - internal.length,
        nofollow: links.filter(({ isNoFollow }) => isNoFollow).length,
      },
      brokenLinks,
      findings,
    }
  },
})

async function fetchPage(url: string, ctx: AgentContext): Promise<{ html: string; transport: Transport }> {
  ctx.progress(0.1, 'fetching the page')
  const from = performance.now()
  const response = await ctx.fetch(url, {
    headers: { accept: 'text/html,application/xhtml+xml', 'user-agent': 'BureauSeoAuditor/1' },
  })
  const html = await textOf(response)
  return {
    html,
    transport: {
      url: new URL(response.url),
      status: response.status,
      ms: Math.round(performance.now() - from),
      bytes: new TextEncoder().encode(html).length,
      robotsHeader: response.headers.get('x-robots-tag'),
    },
  }
}

/** The page as text, in the character set that its header names, up to a bound. */
async function textOf(response: Response): Promise<string> {
  const [, charset = 'utf-8'] = /charset="?([\w-]+)/i.exec(response.headers.get('content-type') ?? '') ?? []
  const decoder = decoderFor(charset)
  let text = ''
  let bytes = 0
  if (response.body === null) return text
  for await (const chunk of response.body) {
    bytes += chunk.length
    text += decoder.decode(chunk, { stream: true })
    if (bytes > MAX_BYTES) break
  }
  return text + decoder.decode()
}

function decoderFor(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}

async function findBroken(
  targets: readonly string[],
  most: number,
  ctx: AgentContext,
): Promise<{ url: string; why: string }[]> {
  const broken: { url: string; why: string }[] = []
  const asked = targets.slice(0, most)
  for (const [at, url] of asked.entries()) {
    ctx.progress(0.3 + (0.7 * at) / asked.length, 'following links')
    try {
      const response = await ctx.fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(8_000) })
      // Not every server knows HEAD; that says nothing of the page.
      if (response.status >= 400 && response.status !== 405 && response.status !== 501)
        broken.push({ url, why: `answers ${response.status}` })
    } catch (error) {
      broken.push({ url, why: error instanceof Error ? error.message : 'does not answer' })
    }
  }
  return broken
}

/** Null for what is no web address: mail, telephone, scripts, places in the same page. */
function absolute(href: string, base: URL | undefined): URL | null {
  try {
    const url = new URL(href, base ?? 'https://example.com/')
    url.hash = ''
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
  } catch {
    return null
  }
}

function examplePage(): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Hand-thrown bowls and cups | Ferns Pottery</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="canonical" href="https://ferns.example/bowls">
  <script type="application/ld+json">{"@context":"https://schema.org","@type":"Store","name":"Ferns Pottery"}</script>
</head>
<body>
  <h1>Bowls and cups</h1>
  <p>Every piece is thrown by hand in our workshop by the river, glazed with ash from our own stove and fired twice.</p>
  <h3>Breakfast bowls</h3>
  <img src="/img/bowl.jpg">
  <p>Holds half a litre, survives the dishwasher. <a href="/bowls/breakfast">Choose a colour</a></p>
  <h2>Cups</h2>
  <img src="/img/cup.jpg" alt="A blue cup with a thumb rest">
  <a href="/cups"></a>
  <p><a href="https://maps.example/ferns" rel="nofollow">Find the workshop</a></p>
</body>
</html>`
}
