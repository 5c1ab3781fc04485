/** Delimiters that are looked for, the likelier first. */
const DELIMITERS = [',', ';', '\t', '|'] as const
/** A field that never ends is a quote that was never closed. */
const MAX_FIELD_CHARS = 1_000_000

export type CsvReader = {
  /** Takes the next piece of text and gives the rows that are complete by now. */
  push(text: string): string[][]
  /** The end of the text: gives what is left. */
  end(): string[][]
  /** Line numbers are of no use to a stream, so rows: the first row that broke a rule, counted from 1, or null. */
  readonly firstFault: { readonly row: number; readonly problem: string } | null
}

/** Reads CSV piece by piece, as RFC 4180 writes it and as the world does: quoted fields with line breaks and doubled
 * quotes, CRLF, LF or CR, text after a closing quote kept as it stands. Blank lines are no rows. */
export function createCsvReader(delimiter: string): CsvReader {
  let field = ''
  let row: string[] = []
  let rowsSeen = 0
  /** `closed`: after a quote inside quotes, which either ends the field or is the first of two. */
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  let afterCarriageReturn = false
  let firstFault: CsvReader['firstFault'] = null

  const fault = (problem: string): void => {
    firstFault ??= { row: rowsSeen + 1, problem }
  }
  const endField = (): void => {
    row.push(field)
    field = ''
    state = 'start'
  }
  const endRow = (rows: string[][]): void => {
    const isBlank = row.length === 0 && state === 'start' && field === ''
    if (isBlank) return
    endField()
    rows.push(row)
    rowsSeen += 1
    row = []
  }

  return {
    get firstFault() {
      return firstFault
    },
    push(text) {
      const rows: string[][] = []
      for (let i = 0; i < text.length;) {
        const char = text[i] ?? ''
        if (state === 'quoted') {
          const end = text.indexOf('"', i)
          const until = end < 0 ? text.length : end
          field += text.slice(i, until)
          if (field.length > MAX_FIELD_CHARS)
            throw new Error(
              `Row ${rowsSeen + 1} has a field longer than ${MAX_FIELD_CHARS} characters: is a quote never closed?`,
            )
          if (end >= 0) state = 'closed'
          i = until + 1
          continue
        }
        const isSecondHalf = afterCarriageReturn && char === '\n'
        afterCarriageReturn = false
        i += 1
        if (isSecondHalf) continue
        if (char === '"' && state === 'closed') {
          field += '"'
          state = 'quoted'
        } else if (char === '"' && state === 'start') state = 'quoted'
        else if (char === delimiter) endField()
        else if (char === '\n' || char === '\r') {
          endRow(rows)
          afterCarriageReturn = char === '\r'
        } else {
          if (state === 'closed') fault('text after a closing quote')
          state = 'plain'
          // Up to what ends a plain field, in one slice.
          const until = endOfPlain(text, i, delimiter)
          field += text.slice(i - 1, until)
          i = until
        }
      }
      return rows
    },
    end() {
      const rows: string[][] = []
      if (state === 'quoted') fault('a quote that is never closed')
      endRow(rows)
      return rows
    },
  }
}

function endOfPlain(text: string, from: number, delimiter: string): number {
  let at = from
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at += 1
  return at
}

/** The delimiter that divides the first lines most evenly: the one whose commonest count of fields, above one, is shared
 * by most rows. A comma where none does.
 * @param sample the beginning of the text */
export function detectDelimiter(sample: string): string {
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 }
  for (const delimiter of DELIMITERS) {
    const reader = createCsvReader(delimiter)
    // The last row of a sample may be cut.
    const rows = reader.push(sample)
    const widths = (rows.length > 0 ? rows : reader.end()).slice(0, 50).map((row) => row.length)
    const counts = new Map<number, number>()
    for (const width of widths) if (width > 1) counts.set(width, (counts.get(width) ?? 0) + 1)
    for (const [width, count] of counts) {
      const score = (count / widths.length) * 100 + Math.min(width, 20)
      if (score > best.score) best = { delimiter, score }
    }
  }
  return best.delimiter
}

/** Is the first row a header? It is where every name is text, none is missing or doubled, and the rows below do not look
 * the same: some column of theirs is of another type, or no value of the first row is met again in its column.
 * @param typeOf the type of one value, `text` for what is none other */
export function detectHeader(rows: readonly (readonly string[])[], typeOf: (value: string) => string): boolean {
  const [first, ...rest] = rows
  if (first === undefined) return false
  const names = first.map((name) => name.trim())
  // A column may be called "n" or "t", which as a value would be a boolean.
  const couldBeNames = names.every((name) => name !== '' && ['text', 'boolean'].includes(typeOf(name)))
  const isNames = couldBeNames && new Set(names).size === names.length
  if (!isNames) return false
  if (rest.length === 0) return true
  const columns = names.map((_, index) => rest.map((row) => row[index]?.trim() ?? '').filter((value) => value !== ''))
  const isOfAnotherType = columns.some(
    (values, index) =>
      values.length > 0 && values.every((value) => !['text', typeOf(names[index] ?? '')].includes(typeOf(value))),
  )
  if (isOfAnotherType) return true
  return names.every((name, index) => typeOf(name) === 'text' && !columns[index]?.includes(name))
}
