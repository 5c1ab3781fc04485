import type { Table } from './read-table.ts'

type Summary = { readonly count: number; readonly sum: number; readonly min: number; readonly max: number }

const MOST_GROUPS = 30
const BAR = 20

/** @throws Error if the column to group by is not there, naming those that are */
export function writeReport(
  { columns, rows }: Table,
  { title, groupBy }: { readonly title: string; readonly groupBy: string | null },
): string {
  const numeric = columns.flatMap((name, at) => (isNumeric(rows, at) ? [{ name, at }] : []))
  const parts = [`# ${escape(title)}`, `${rows.length} rows, ${columns.length} columns.`]
  if (numeric.length > 0) {
    parts.push(
      '## Figures',
      tableOf(
        ['Column', 'Total', 'Mean', 'Least', 'Most'],
        numeric.map(({ name, at }) => {
          const { count, sum, min, max } = summaryOf(rows, at)
          return [name, figure(sum), figure(sum / count), figure(min), figure(max)]
        }),
      ),
    )
  }
  if (groupBy === null) return `${parts.join('\n\n')}\n`
  const by = columns.indexOf(groupBy)
  if (by < 0) throw new Error(`There is no column "${groupBy}"; there are ${columns.join(', ')}`)
  const groups = Map.groupBy(rows, (row) => (row[by] ?? '').trim() || '(empty)')
  const measured = numeric.find(({ at }) => at !== by)
  const sized = [...groups]
    .map(([name, members]) => ({
      name,
      rows: members.length,
      sum: measured === undefined ? members.length : summaryOf(members, measured.at).sum,
    }))
    .toSorted((a, b) => b.sum - a.sum)
  const most = Math.max(...sized.map(({ sum }) => sum), 0)
  const shown = sized.slice(0, MOST_GROUPS)
  parts.push(
    `## By ${escape(groupBy)}`,
    tableOf(
      [groupBy, 'Rows', measured?.name ?? 'Rows', ''],
      shown.map((group) => [
        group.name,
        String(group.rows),
        figure(group.sum),
        '█'.repeat(most > 0 ? Math.max(0, Math.round((group.sum / most) * BAR)) : 0),
      ]),
    ),
  )
  if (sized.length > shown.length) parts.push(`And ${sized.length - shown.length} smaller ones.`)
  return `${parts.join('\n\n')}\n`
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** What a cell of somebody's file may not do: break the table, or become markup. */
const escape = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|!]/g, '\\$&').replaceAll(/\s+/g, ' ')

const numberOf = (cell: string | undefined): number | null => {
  const text = (cell ?? '').trim()
  return text === '' || !/^[-+]?\d*\.?\d+(?:e[-+]?\d+)?$/i.test(text) ? null : Number(text)
}

/** Every cell that is not empty is a number, and some is. */
function isNumeric(rows: Table['rows'], at: number): boolean {
  const filled = rows.filter((row) => (row[at] ?? '').trim() !== '')
  return filled.length > 0 && filled.every((row) => numberOf(row[at]) !== null)
}

function summaryOf(rows: Table['rows'], at: number): Summary {
  const numbers = rows.flatMap((row) => numberOf(row[at]) ?? [])
  return {
    count: Math.max(numbers.length, 1),
    sum: numbers.reduce((sum, each) => sum + each, 0),
    min: numbers.reduce((low, each) => Math.min(low, each), numbers[0] ?? 0),
    max: numbers.reduce((high, each) => Math.max(high, each), numbers[0] ?? 0),
  }
}

const figure = (value: number): string => String(Math.round(value * 100) / 100)
