import { isRecord } from './is-record.ts'
import { grouped } from './credits.ts'

/** How a result is shown. The agent may say so; else its shape decides. */
export type ResultView = 'markdown' | 'text' | 'html' | 'image' | 'audio' | 'table' | 'facts' | 'json'

const DECLARED: Readonly<Record<string, ResultView>> = {
  markdown: 'markdown',
  text: 'text',
  html: 'html',
  image: 'image',
  audio: 'audio',
  table: 'table',
}

/** `json` asks for nothing: it stands under its own tab.
 * @param asked how the agent wants it shown; where the value does not bear that, its shape decides */
export function viewOf(value: unknown, asked: string | null): ResultView {
  const declared = asked === null ? undefined : DECLARED[asked]
  if (declared !== undefined && fits(declared, value)) return declared
  if (typeof value === 'string') return 'text'
  if (isTable(value)) return 'table'
  if (isRecord(value) && Object.keys(value).length > 0) return 'facts'
  return 'json'
}

function fits(view: ResultView, value: unknown): boolean {
  if (view === 'table') return isTable(value)
  if (view === 'image')
    return typeof value === 'string' && /^data:image\/(?:png|jpeg|webp|gif|avif);base64,/.test(value)
  if (view === 'audio') return typeof value === 'string' && /^data:audio\/[\w.+-]+;base64,/.test(value)
  return typeof value === 'string'
}

/** Rows with named cells, of which most are short. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length > 0 && value.every((row) => isRecord(row) && Object.keys(row).length > 0)
}

export type Column = { readonly name: string; readonly isNumeric: boolean }

const MOST_COLUMNS = 40

/** The columns of a table, in the order in which its rows first name them. */
export function columnsOf(rows: readonly Readonly<Record<string, unknown>>[]): Column[] {
  const names = new Set<string>()
  for (const row of rows.slice(0, 100))
    for (const name of Object.keys(row)) if (names.size < MOST_COLUMNS) names.add(name)
  return [...names].map((name) => ({
    name,
    isNumeric: rows
      .slice(0, 100)
      .every((row) => row[name] === null || row[name] === undefined || typeof row[name] === 'number'),
  }))
}

/** One value in a cell. What is deeper is told by its size, and stands whole under JSON. */
export function cellWords(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return momentWords(value) ?? value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return numberWords(value)
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none'
    if (value.every((each) => typeof each !== 'object' || each === null) && value.length <= 8)
      return value.map((each) => cellWords(each)).join(', ')
    return `${value.length} ${value.length === 1 ? 'entry' : 'entries'}`
  }
  if (isRecord(value)) {
    const entries = Object.entries(value)
    const isFlat = entries.every(([, each]) => typeof each !== 'object' || each === null)
    if (isFlat && (entries.length <= 3 || (entries.length <= 8 && entries.every(([, each]) => isFigure(each)))))
      return capital(entries.map(([name, each]) => `${labelWords(name).toLowerCase()} ${cellWords(each)}`).join(', '))
    return `${entries.length} ${entries.length === 1 ? 'value' : 'values'}`
  }
  return JSON.stringify(value)
}

const isFigure = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean'

/** `2026-03-02T08:00:03Z` as people read it, or null for what is no moment. Its zone stays as it was written. */
function momentWords(text: string): string | null {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  if (parts === null) return null
  const [, day = '', time = '', zone] = parts
  return [day, time, ...(zone === undefined ? [] : [zone === 'Z' ? 'UTC' : zone])].join(' ')
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** A figure for people: thousands apart, at most four digits behind the point. JSON has it in full. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return value.toPrecision(4)
  const rounded = Number.isInteger(value) ? value : Number(value.toFixed(size >= 1_000 ? 2 : 4))
  const [whole = '0', fraction] = String(rounded).split('.')
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`
}

/** `duplicateRows` as a label: "Duplicate rows". */
export function labelWords(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
  return words === '' ? name : capital(words.toLowerCase())
}

export type ResultPart =
  | { readonly kind: 'fact'; readonly name: string; readonly value: string }
  | { readonly kind: 'notes'; readonly name: string; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly name: string; readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | { readonly kind: 'text'; readonly name: string; readonly text: string }

/** The parts of an object: short values as facts, lists of sentences, tables, long texts. */
export function partsOf(value: Readonly<Record<string, unknown>>): ResultPart[] {
  return Object.entries(value).map(([name, part]): ResultPart => {
    if (isTable(part)) return { kind: 'table', name, rows: part }
    if (typeof part === 'string' && (part.length > 60 || part.includes('\n'))) return { kind: 'text', name, text: part }
    if (
      Array.isArray(part) &&
      part.length > 0 &&
      part.every((each) => typeof each === 'string') &&
      part.join('').length > 30
    )
      return { kind: 'notes', name, items: part }
    return { kind: 'fact', name, value: cellWords(part) }
  })
}

/** A stream's chunks as one text, where they are pieces of one. */
export function joinedChunks(chunks: readonly unknown[]): string | null {
  return chunks.every((chunk) => typeof chunk === 'string') ? chunks.join('') : null
}
