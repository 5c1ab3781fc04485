'use client'
import { typedOf } from '../../lib/form-values.ts'
import type { Field } from '../../lib/schema-fields.ts'
import { CheckboxGroup } from '../ui/checkbox-group.tsx'
import { Checkbox } from '../ui/fields.tsx'
import { descriptionOf, fieldId, type FieldProps } from './field-props.ts'
import classes from './schema-form.module.css'

/** Several of a few: each can be seen and ticked. */
export function ChoicesField({ field, raw, problem, onChange, onLeave }: FieldProps<Extract<Field, { kind: 'list' }>>) {
  const chosen = new Set(typedOf(field, raw).split('\n'))
  const toggle = (label: string, isOn: boolean) => {
    const next = field.choices.filter((choice) => (choice.label === label ? isOn : chosen.has(valueText(choice.raw))))
    onChange(next.length === 0 ? undefined : `[${next.map((choice) => choice.raw).join(', ')}]`)
  }
  return (
    <CheckboxGroup
      id={fieldId(field.name)}
      label={field.label}
      required={field.isRequired}
      description={descriptionOf(field)}
      error={problem}
    >
      <div className={classes.choices}>
        {field.choices.map((choice) => (
          <Checkbox
            key={choice.raw}
            value={choice.raw}
            label={choice.label}
            checked={chosen.has(valueText(choice.raw))}
            onBlur={onLeave}
            onChange={(event) => toggle(choice.label, event.currentTarget.checked)}
          />
        ))}
      </div>
    </CheckboxGroup>
  )
}

function valueText(raw: string): string {
  const value: unknown = JSON.parse(raw)
  return String(value)
}
