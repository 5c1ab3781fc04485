'use client'
import { useState } from 'react'
import { rawOf, withValue, type FormValues } from '../../lib/form-values.ts'
import type { Field } from '../../lib/schema-fields.ts'
import { FormField } from './form-field.tsx'
import classes from './schema-form.module.css'

type SchemaFormProps = {
  readonly fields: readonly Field[]
  readonly values: FormValues
  /** What is wrong, by field: shown once a field was left, or Run was pressed. */
  readonly problems: ReadonlyMap<string, string>
  readonly onChange: (values: FormValues) => void
  readonly onLeave: (name: string) => void
}

/** The form of an agent's input. Required fields stand first and open; optional ones under "More options", which is open
 * as soon as one of them is filled in or wrong. */
export function SchemaForm({ fields, values, problems, onChange, onLeave }: SchemaFormProps) {
  const required = fields.filter((field) => field.isRequired)
  const optional = fields.filter((field) => !field.isRequired)
  const isUsed = optional.some((field) => rawOf(values, field.name) !== undefined || problems.has(field.name))
  const [isOpen, setOpen] = useState<boolean | null>(null)
  const one = (field: Field) => (
    <FormField
      key={field.name}
      field={field}
      raw={rawOf(values, field.name)}
      problem={problems.get(field.name) ?? null}
      onChange={(raw) => onChange(withValue(values, field.name, raw))}
      onLeave={() => onLeave(field.name)}
    />
  )
  // Where nothing is required, or there is little to hide, all stands open.
  if (required.length === 0 || optional.length === 0) return <div className={classes.fields}>{fields.map(one)}</div>
  return (
    <div className={classes.fields}>
      {required.map(one)}
      <details
        className={classes.more}
        open={isOpen ?? isUsed}
        onToggle={(event) => {
          if (event.currentTarget.open !== (isOpen ?? isUsed)) setOpen(event.currentTarget.open)
        }}
      >
        <summary>More options ({optional.length})</summary>
        <div className={classes.fields}>{optional.map(one)}</div>
      </details>
    </div>
  )
}
