export type Section = { readonly title: string; readonly text: string }

/** Cuts at Markdown headings; a text without any is one section. */
export function sectionsOf(text: string): Section[] {
  const sections: { title: string; lines: string[] }[] = []
  for (const line of text.split(/\r?\n/)) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1]
    if (heading !== undefined) sections.push({ title: heading.slice(0, 120), lines: [] })
    else if (sections.length > 0) sections.at(-1)?.lines.push(line)
    else if (line.trim() !== '') sections.push({ title: 'Beginning', lines: [line] })
  }
  return sections.map(({ title, lines }) => ({ title, text: lines.join('\n').trim() }))
}

export type Measures = {
  readonly words: number
  readonly sentences: number
  readonly readingEase: number
  readonly minutes: number
  readonly keywords: { readonly word: string; readonly count: number }[]
}

const WORDS_PER_MINUTE = 230
const COMMON = new Set(
  'the a an and or but of to in on at by for with from as is are was were be been it its this that these those he she they we you i not no so if than then there their his her our your have has had do does did will would can could which who what when where how'.split(
    ' ',
  ),
)

/** @param most how many keywords at most */
export function measure(text: string, most: number): Measures {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? []
  const sentences = Math.max(text.match(/[^.!?]+(?:[.!?]+|$)/g)?.filter((part) => /\p{L}/u.test(part)).length ?? 0, 1)
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0)
  return {
    words: words.length,
    sentences: words.length === 0 ? 0 : sentences,
    readingEase: words.length === 0 ? 0 : round(fleschOf(words.length, sentences, syllables)),
    minutes: round(words.length / WORDS_PER_MINUTE),
    keywords: keywordsOf(words, most),
  }
}

/** Source: Flesch 1948, "A new readability yardstick". Held between 0 and 100. */
function fleschOf(words: number, sentences: number, syllables: number): number {
  return Math.min(100, Math.max(0, 206.835 - 1.015 * (words / sentences) - 84.6 * (syllables / words)))
}

/** Groups of vowels, a silent e at the end left out: right for most English words. */
const syllablesOf = (word: string): number =>
  Math.max(word.replace(/(?<=[^aeiouy]{1})e$/, '').match(/[aeiouyäöüéèà]+/g)?.length ?? 1, 1)

function keywordsOf(words: readonly string[], most: number): { word: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const word of words) if (word.length > 2 && !COMMON.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts]
    .map(([word, count]) => ({ word, count }))
    .toSorted((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1))
    .slice(0, most)
}

const round = (figure: number): number => Math.round(figure * 10) / 10
