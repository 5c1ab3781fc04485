import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { anchorsOf, readPages, root, withoutFences, type Page } from './markdown.ts'

/** Relative links of a page that lead nowhere, each as `page -> target`. */
function brokenLinks(page: Page): string[] {
  const broken: string[] = []
  const text = withoutFences(page.text).replaceAll(/`[^`\n]*`/g, '')
  const inline = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)]
  const referenced = [...text.matchAll(/^\[[^\]]+\]: +<?([^\s>]+)>?/gm)]
  for (const [, target = ''] of [...inline, ...referenced]) {
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue
    const [path = '', anchor] = target.split('#', 2)
    const file = path === '' ? page.path : normalize(join(dirname(page.path), decodeURIComponent(path)))
    const isThere = path === '' || (!file.startsWith('..') && existsSync(join(root, file)))
    const textThere =
      path === '' ? page.text : isThere && file.endsWith('.md') ? readFileSync(join(root, file), 'utf8') : ''
    if (!isThere || (anchor !== undefined && !anchorsOf(textThere).has(anchor)))
      broken.push(`${page.path} -> ${target}`)
  }
  return broken
}

test('every relative link of every page leads to a file and a heading that are there', () => {
  expect(readPages().flatMap(brokenLinks)).toEqual([])
})

test('a link to a missing file, out of the checkout or to a missing heading is found', () => {
  const page = {
    path: 'docs/planted.md',
    text: '# Here\n[a](./nowhere.md) [b](../../outside.md) [c](#there) [d](#here) [e](https://example.org/x)\n```\n[f](./code.md)\n```\n',
  }
  expect(brokenLinks(page)).toEqual([
    'docs/planted.md -> ./nowhere.md',
    'docs/planted.md -> ../../outside.md',
    'docs/planted.md -> #there',
  ])
})
