import { classifyValue } from './classify-value.ts'
import { createColumnProfiler, type ColumnLimits, type ColumnProfile } from './profile-column.ts'
import { createCsvReader, detectDelimiter, detectHeader } from './read-csv.ts'

export type CsvProfile = {
  rows: number
  delimiter: string
  hasHeader: boolean
  /** Rows with more or fewer fields than most, and the first of them, counted from 1 without the header. */
  raggedRows: number
  firstRaggedRow: number | null
  duplicateRows: number
  columns: ColumnProfile[]
  notes: string[]
}

export type ProfileOptions = {
  readonly delimiter: string | null
  readonly hasHeader: boolean | null
  readonly limits: ColumnLimits
  /** Asked once the columns are known, before the work on them. */
  readonly onColumns?: (count: number) => void
  /** Told after each piece how many characters were read. */
  readonly onRead?: (chars: number) => void
}

/** What is looked at before delimiter and header are decided. */
const SAMPLE_CHARS = 64_000
const HEADER_ROWS = 50
/** What the agent's price has room for. */
const MAX_COLUMNS = 100
/** Rows whose hashes are kept to find doubles. */
const MAX_HASHED_ROWS = 500_000
const BOM = '\uFEFF'

/** Profiles a CSV text that arrives in pieces.
 * @throws Error for an empty text, more than 100 columns, or a quote that is never closed */
export async function profileCsv(pieces: AsyncIterable<string>, options: ProfileOptions): Promise<CsvProfile> {
  const table = createTable(options)
  let chars = 0
  for await (const piece of pieces) {
    chars += piece.length
    table.push(chars === piece.length && piece.startsWith(BOM) ? piece.slice(1) : piece)
    options.onRead?.(chars)
  }
  return table.finish()
}

function createTable(options: ProfileOptions) {
  let sample: string | null = ''
  let reader = createCsvReader(',')
  let delimiter = ','
  let hasHeader = false
  /** Rows that wait until the header is decided. */
  let waiting: string[][] | null = []
  let columns: ReturnType<typeof createColumnProfiler>[] = []
  let rows = 0
  let raggedRows = 0
  let firstRaggedRow: number | null = null
  let duplicateRows = 0
  const hashes = new Set<number>()
  const notes: string[] = []

  function begin(): void {
    if (sample === null) return
    delimiter = options.delimiter ?? detectDelimiter(sample)
    reader = createCsvReader(delimiter)
    const text = sample
    sample = null
    take(reader.push(text))
  }

  function take(read: string[][]): void {
    if (waiting !== null) {
      waiting.push(...read)
      if (waiting.length > HEADER_ROWS) decideHeader()
      return
    }
    for (const row of read) addRow(row)
  }

  function decideHeader(): void {
    if (waiting === null) return
    const held = waiting
    waiting = null
    const [first] = held
    if (first === undefined) return
    hasHeader = options.hasHeader ?? detectHeader(held.slice(0, HEADER_ROWS), (value) => classifyValue(value.trim()))
    const width = commonWidth(hasHeader ? [first] : held)
    if (width > MAX_COLUMNS) throw new Error(`The file has ${width} columns; at most ${MAX_COLUMNS} are profiled`)
    const names = Array.from({ length: width }, (_, i) => (hasHeader ? first[i]?.trim() : '') || `column ${i + 1}`)
    options.onColumns?.(width)
    columns = names.map((name) => createColumnProfiler(name.slice(0, 200), options.limits))
    for (const row of hasHeader ? held.slice(1) : held) addRow(row)
  }

  function addRow(row: string[]): void {
    rows += 1
    if (row.length !== columns.length) {
      raggedRows += 1
      firstRaggedRow ??= rows
    }
    // A field that is not there is missing; one too many belongs to no column.
    columns.forEach((column, index) => column.add(row[index] ?? ''))
    if (hashes.size >= MAX_HASHED_ROWS) return
    const hash = hashOf(row.join('\u001F'))
    if (hashes.has(hash)) duplicateRows += 1
    else hashes.add(hash)
  }

  return {
    push(text: string): void {
      if (sample === null) return take(reader.push(text))
      sample += text
      if (sample.length >= SAMPLE_CHARS) begin()
    },
    finish(): CsvProfile {
      if (sample !== null && sample.trim() === '') throw new Error('The file is empty')
      begin()
      take(reader.end())
      decideHeader()
      if (reader.firstFault !== null) notes.push(`Row ${reader.firstFault.row} has ${reader.firstFault.problem}.`)
      if (raggedRows > 0)
        notes.push(
          `${raggedRows} of ${rows} rows do not have ${columns.length} fields, the first is row ${firstRaggedRow}.`,
        )
      if (duplicateRows > 0) notes.push(`${duplicateRows} rows are exact doubles of earlier ones.`)
      const profiles = columns.map((column) => column.finish())
      return {
        rows,
        delimiter,
        hasHeader,
        raggedRows,
        firstRaggedRow,
        duplicateRows,
        columns: profiles,
        notes: [...notes, ...notesOf(profiles)],
      }
    },
  }
}

/** 53 bits: among half a million rows, two different ones are taken for doubles once in 70 000 files.
 * Source: cyrb53 by bryc, public domain. */
function hashOf(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0)
}

/** The width that most rows have; of two equally common, the wider. */
function commonWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>()
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || b - a)[0]?.[0] ?? 0
}

/** What a person would want to look at first. */
function notesOf(columns: readonly ColumnProfile[]): string[] {
  const notes: string[] = []
  for (const { name, type, typeShare, values, missing, distinct, numbers } of columns) {
    const all = values + missing
    if (type === 'empty') notes.push(`"${name}" is empty.`)
    else if (missing / all >= 0.2)
      notes.push(`"${name}" is missing in ${Math.round((missing / all) * 100)} % of the rows.`)
    if (type === 'mixed') notes.push(`"${name}" mixes types: the commonest makes up ${Math.round(typeShare * 100)} %.`)
    else if (typeShare < 1)
      notes.push(`"${name}" is ${type}, except ${values - Math.round(typeShare * values)} values.`)
    if (type !== 'empty' && distinct === 1 && values > 1) notes.push(`"${name}" always has the same value.`)
    if (numbers !== null && numbers.outliers.count > 0)
      notes.push(
        `"${name}" has ${numbers.outliers.count} ${numbers.outliers.count === 1 ? 'outlier' : 'outliers'} outside ${numbers.outliers.low} to ${numbers.outliers.high}.`,
      )
  }
  return notes
}
