'use client'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { RowsTable, type Rows } from './rows-table.tsx'

type GrowingTableProps = { readonly rows: Rows; readonly label: string; readonly first: number }

/** A table of more rows than are drawn at first. */
export function GrowingTable({ rows, label, first }: GrowingTableProps) {
  const [shown, setShown] = useState(first)
  return (
    <>
      <RowsTable rows={rows} label={label} shown={shown} />
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
