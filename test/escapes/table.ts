import type { Line } from './run-suite.ts'

export type Circumstances = { readonly user: string; readonly limiter: string; readonly tookMs: number }

/** All lines as a page: a row an attack, a column a layer. */
export function toTable(lines: readonly Line[], circumstances: Circumstances): { text: string; summary: string } {
  const columns = [...new Set(lines.map(columnOf))]
  const rows = new Map<string, Map<string, Line>>()
  for (const line of lines) {
    const key = `${line.family} | ${line.attack} | ${line.wall}`
    const row = rows.get(key) ?? new Map<string, Line>()
    row.set(columnOf(line), line)
    rows.set(key, row)
  }
  const summary = [
    `As ${circumstances.user}, limits by ${circumstances.limiter}: ${rows.size} attacks, ${lines.length} trials in ${Math.round(circumstances.tookMs / 1_000)} s.`,
    ...columns.map((column) => {
      const all = lines.filter((line) => columnOf(line) === column)
      const escapes = all.filter(
        (line) => line.layer !== 'control' && line.verdict.outcome === 'escaped' && line.declared !== 'falls',
      ).length
      const unlike = all.filter((line) => !line.ok).length
      return line(column, all, escapes, unlike)
    }),
  ].join('\n')
  const head = ['family', 'attack', 'wall', ...columns]
  const body = [...rows].map(([key, row]) => [
    ...key.split(' | '),
    ...columns.map((column) => {
      const each = row.get(column)
      if (each === undefined) return ''
      const outcome = each.layer === 'control' ? controlCell(each) : each.verdict.outcome
      return each.ok ? outcome : `**${outcome}, declared ${each.declared}**`
    }),
  ])
  const text = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return { text: `${summary}\n\n${text}\n`, summary }
}

const controlCell = (line: Line): string =>
  line.verdict.outcome === 'escaped' ? 'gets through' : `not counted here (${line.verdict.said.slice(0, 40)})`

const fallen = (all: readonly Line[]): string => {
  const count = all.filter((each) => each.declared === 'falls').length
  return count === 0 ? '' : `; ${count} more are declared to be held by the other layer only`
}

const columnOf = (line: Line): string => (line.layer === 'control' ? 'control' : `${line.driver}: ${line.layer}`)

function line(column: string, all: readonly Line[], escapes: number, unlike: number): string {
  return column === 'control'
    ? `- control: ${all.filter((each) => each.verdict.outcome === 'escaped').length} of ${all.length} get through with their wall removed and count; ${unlike} are stopped without a reason`
    : `- ${column}: ${all.length} attacks, ${escapes} escapes, ${unlike} other than declared${fallen(all)}`
}
