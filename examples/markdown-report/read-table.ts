export type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }

/** A CSV text with a header: comma, semicolon or tab, whichever the header has most of; quotes as in RFC 4180.
 * @throws Error that says what is wrong with it */
export function readTable(text: string): Table {
  const head = text.slice(0, text.search(/\r?\n|$/))
  const delimiter = [',', ';', '\t'].toSorted((a, b) => head.split(b).length - head.split(a).length)[0] ?? ','
  const [columns, ...rows] = cellsOf(text.replace(/^\uFEFF/, ''), delimiter)
  if (columns === undefined || columns.every((name) => name.trim() === '')) throw new Error('The file has no header')
  if (rows.length === 0) throw new Error('The file has a header and no rows')
  return { columns: columns.map((name) => name.trim()), rows }
}

function cellsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') {
        cell += '"'
        at++
      } else isQuoted = false
    } else if (char === '"' && cell === '') isQuoted = true
    else if (char === delimiter) {
      row.push(cell)
      cell = ''
    } else if (char === '\n') {
      row.push(cell.replace(/\r$/, ''))
      rows.push(row)
      row = []
      cell = ''
    } else cell += char
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows.filter((cells) => cells.some((each) => each.trim() !== ''))
}
