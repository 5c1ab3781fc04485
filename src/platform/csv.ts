/** A line of CSV (RFC 4180). Text may be a stranger's: what a spreadsheet would take for a formula gets an apostrophe in
 * front, which shows it as text (OWASP, "CSV Injection"). Numbers are ours and stay numbers.
 * @returns with its CRLF */
export function csvLine(cells: readonly (string | number | bigint | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: string | number | bigint | null): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  // Also behind spaces, which spreadsheets skip.
  const text = /^\s*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
