import { cellWords, columnsOf, labelWords } from '../../lib/result-shape.ts'
import classes from './run.module.css'

export type Rows = readonly Readonly<Record<string, unknown>>[]

type RowsTableProps = {
  /** All of them: they say what the columns are. */
  readonly rows: Rows
  readonly label: string
  /** How many of them are drawn. */
  readonly shown: number
}

/** The first rows of an output as a table that scrolls sideways in its own frame. Has no state: a stored example is drawn on
 * the server. */
export function RowsTable({ rows, label, shown }: RowsTableProps) {
  const columns = columnsOf(rows)
  return (
    <div className={classes.tableFrame} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" data-numeric={column.isNumeric || undefined}>
                {labelWords(column.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, at) => (
            <tr key={at}>
              {columns.map((column) => (
                <td key={column.name} data-numeric={column.isNumeric || undefined}>
                  {cellWords(row[column.name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
