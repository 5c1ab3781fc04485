import { fileOf } from './form-values.ts'
import { isRecord } from './is-record.ts'
import { sizeWords } from './size-words.ts'

const MOST_LINES = 8
const MOST_CHARS = 64

/** The beginning of a value, as much as a small frame holds. A text is shown as it is: one sees a table, not `\n`. */
export function excerptOf(value: unknown): string {
  const lines = isRecord(value)
    ? Object.entries(value).flatMap(([name, part]) => memberLines(name, part))
    : linesOf(value)
  const shown = lines.slice(0, MOST_LINES).map(cut)
  return lines.length > MOST_LINES ? [...shown, '…'].join('\n') : shown.join('\n')
}

function memberLines(name: string, part: unknown): string[] {
  if (typeof part === 'string' && part.includes('\n'))
    return [
      `${name}:`,
      ...part
        .split(/\r?\n/)
        .slice(0, MOST_LINES)
        .map((line) => `  ${line}`),
    ]
  if (Array.isArray(part) && part.length > 0 && part.every((each) => typeof each === 'string'))
    return [`${name}:`, ...part.slice(0, 4).map((each: string) => `  ${each}`), ...(part.length > 4 ? ['  …'] : [])]
  if (Array.isArray(part) && part.length > 3) return [`${name}: ${part.length} entries`]
  const file = fileOf(part)
  if (file?.kind === 'bytes') return [`${name}: ${file.name}, ${sizeWords(file.sizeBytes)}`]
  return [`${name}: ${typeof part === 'string' ? part : JSON.stringify(part)}`]
}

const linesOf = (value: unknown): string[] =>
  (typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')).split('\n')

const cut = (line: string): string => (line.length > MOST_CHARS ? `${line.slice(0, MOST_CHARS - 1)}…` : line)

/** An agent's page with one of its examples filled in. */
export const runWithHref = (page: string, example: string): string => `${page}?example=${encodeURIComponent(example)}`
