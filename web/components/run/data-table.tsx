'use client'
import { useState } from 'react'
import { cellWords, columnsOf, labelWords } from '../../lib/result-shape.ts'
import { Button } from '../ui/button.tsx'
import classes from './run.module.css'

const ROWS_AT_FIRST = 50

/** Rows of an output as a table that scrolls sideways in its own frame. */
export function DataTable({
  rows,
  label,
}: {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly label: string
}) {
  const [shown, setShown] = useState(ROWS_AT_FIRST)
  const columns = columnsOf(rows)
  return (
    <>
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
      {rows.length > shown && (
        <Button
          variant="default"
          size="compact-sm"
          style={{ marginTop: '0.5rem' }}
          onClick={() => setShown(shown + 500)}
        >
          Show more rows ({shown} of {rows.length})
        </Button>
      )}
    </>
  )
}
