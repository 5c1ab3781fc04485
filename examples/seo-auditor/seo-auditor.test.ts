import { expect, test } from 'vitest'
import { auditPage, scoreOf } from './audit-page.ts'
import { readHtml } from './read-html.ts'

const GOOD = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Hand-thrown bowls &amp; cups | Ferns</title>
<meta name="description" content="Bowls and cups thrown by hand by the river, glazed with ash and fired twice. Sent anywhere.">
<meta name=viewport content="width=device-width">
<link rel="canonical" href="https://ferns.example/">
<meta property="og:title" content="a"><meta property="og:description" content="b"><meta property="og:image" content="c">
<script type="application/ld+json">{"@graph":[{"@type":"Store"},{"@type":"WebSite"}]}</script>
</head><body><h1>Bowls</h1><h2>Cups</h2><img src=a.jpg alt=""><a href="/x"><img src=b alt="A cup"></a>
<p>${'word '.repeat(200)}</p></body></html>`

const severityOf = (html: string, check: string): string | undefined =>
  auditPage(readHtml(html), null).find((finding) => finding.check === check)?.severity

test('a page that does everything right scores 100', () => {
  const findings = auditPage(readHtml(GOOD), null)
  expect(findings.filter(({ severity }) => severity !== 'passed')).toEqual([])
  expect(scoreOf(findings)).toBe(100)
  expect(readHtml(GOOD).title).toBe('Hand-thrown bowls & cups | Ferns')
})

test.each([
  ['no title', '<title>Hand-thrown bowls &amp; cups | Ferns</title>', '', 'title', 'error'],
  ['two titles', '<title>', '<title>One</title><title>', 'title', 'warning'],
  ['a long title', 'Hand-thrown', 'x'.repeat(60), 'title', 'warning'],
  ['no description', 'name="description"', 'name="other"', 'description', 'error'],
  ['noindex', '<meta charset="utf-8">', '<meta name="ROBOTS" content="NoIndex, follow">', 'indexable', 'error'],
  ['no h1', /<(\/?)h1>/g, '<$1h2>', 'h1', 'error'],
  ['a level left out', /<(\/?)h2>/g, '<$1h4>', 'headingOrder', 'warning'],
  ['no language', ' lang="en"', '', 'lang', 'warning'],
  ['no viewport', 'name=viewport', 'name=x', 'viewport', 'error'],
  ['a relative canonical', 'https://ferns.example/', '/here', 'canonical', 'warning'],
  ['an image without alt', ' alt=""', '', 'imageAlt', 'error'],
  ['a link without words', ' alt="A cup"', ' alt=""', 'linkText', 'warning'],
  ['structured data that is not JSON', '{"@graph"', '{@graph', 'structuredData', 'error'],
  ['no picture to share', 'og:image', 'og:x', 'openGraph', 'warning'],
  ['little text', 'word '.repeat(200), 'word', 'content', 'warning'],
])('%s is noticed', (_, from, to, check, severity) => {
  expect(severityOf(GOOD, check)).toBe('passed')
  expect(severityOf(GOOD.replace(from, to), check)).toBe(severity)
})

test('what a script writes is no part of the page, and broken HTML is read as far as it goes', () => {
  const facts = readHtml(`<body><script>document.write('<h1>no</h1><a href="/no">')</script><!-- <h1>no</h1> -->
    <h1>Yes<p>text <a href='/a?b=1&amp;c=2'>one <b>two</a> <img alt='x>y' src=z> <a href="/cut`)
  expect(facts).toMatchObject({
    headings: [],
    links: [{ href: '/a?b=1&c=2', text: 'one two' }],
    images: [{ alt: 'x>y' }],
  })
})

test('hostile HTML of a megabyte is read in time', () => {
  // Processor time: how long it takes besides is the machine's.
  const from = process.cpuUsage()
  for (const html of [
    '<a '.repeat(300_000),
    '<'.repeat(1_000_000),
    `<a ${'x="'.repeat(300_000)}`,
    '<!--'.repeat(250_000),
  ])
    readHtml(html)
  expect(process.cpuUsage(from).user / 1_000).toBeLessThan(4_000)
})
