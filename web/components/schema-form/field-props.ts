import type { Field } from '../../lib/schema-fields.ts'

export type FieldProps<F extends Field = Field> = {
  readonly field: F
  readonly raw: string | undefined
  readonly problem: string | null
  readonly onChange: (raw: string | undefined) => void
  readonly onLeave: () => void
}

/** The id of a field's control: where the focus goes when the field is wrong. */
export const fieldId = (name: string): string => `field-${encodeURIComponent(name)}`

/** Help, and how to type what is not one line of text. */
export function descriptionOf(field: Field): string | undefined {
  const how =
    field.kind === 'list' && field.choices.length === 0 ? 'One a line.' : field.kind === 'json' ? 'As JSON.' : null
  if (field.help === null) return how ?? undefined
  return how === null ? field.help : `${field.help.replace(/\.?$/, '.')} ${how}`
}
