import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The folder of the checkout. */
export const root = join(import.meta.dirname, '..', '..')

export type Page = { readonly path: string; readonly text: string }

/** Every Markdown page of the checkout, paths relative to it. Folders that are not ours are left out by name. */
export function readPages(): Page[] {
  const pages: Page[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (entry.name.endsWith('.md')) pages.push({ path: relative(root, path), text: readFileSync(path, 'utf8') })
    }
  }
  visit(root)
  return pages.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** The text without fenced blocks, in which a bracket is code and not a link. */
export function withoutFences(text: string): string {
  return text.replaceAll(/^( *)(```|~~~)[^]*?^\1\2/gm, '')
}

/** What GitHub makes of the headings of a page: the anchors that a link may point to. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading] of withoutFences(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = (heading ?? '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')
    let unique = anchor
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`
    anchors.add(unique)
  }
  return anchors
}
