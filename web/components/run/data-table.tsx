import { RowsTable, type Rows } from './rows-table.tsx'
import { GrowingTable } from './table-loader.tsx'

const ROWS_AT_FIRST = 50

/** Rows of an output as a table; those after the first fifty when they are asked for. */
export function DataTable({ rows, label }: { readonly rows: Rows; readonly label: string }) {
  return rows.length > ROWS_AT_FIRST ? (
    <GrowingTable rows={rows} label={label} first={ROWS_AT_FIRST} />
  ) : (
    <RowsTable rows={rows} label={label} shown={ROWS_AT_FIRST} />
  )
}
