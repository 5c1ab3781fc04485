/** Most words of a search that count: more only cost time. */
const MAX_WORDS = 10

/** What was typed as a tsquery in which every word may go on: `csv prof` finds "CSV profiler". Only letters and digits
 * are taken, so nothing of a stranger's text is syntax. @returns null without a word in it */
export function prefixQuery(text: string): string | null {
  const words =
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, MAX_WORDS) ?? []
  return words.length === 0 ? null : words.map((word) => `${word}:*`).join(' & ')
}

/** Pairs of three characters that two texts share, as PostgreSQL's pg_trgm counts them: 1 is the same, 0 nothing. Here
 * and not there, because that extension cannot be made on every PostgreSQL, and the names compared are a few thousand. */
export function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const one of a) if (b.has(one)) shared += 1
  const all = a.size + b.size - shared
  return all === 0 ? 0 : shared / all
}

export function trigramsOf(text: string): ReadonlySet<string> {
  const trigrams = new Set<string>()
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const padded = `  ${word} `
    for (let at = 0; at + 3 <= padded.length; at += 1) trigrams.add(padded.slice(at, at + 3))
  }
  return trigrams
}
