'use client'
import dynamic from 'next/dynamic'
import { rawOfTyped, typedOf } from '../../lib/form-values.ts'
import type { Field } from '../../lib/schema-fields.ts'
import { Checkbox, NativeSelect, TextInput, Textarea } from '../ui/fields.tsx'
import { descriptionOf, fieldId, type FieldProps } from './field-props.ts'
import classes from './schema-form.module.css'

/** Most agents take no file, no secret and no several of a few. */
const FileField = dynamic(() => import('./file-field.tsx').then((module) => module.FileField))
const ChoicesField = dynamic(() => import('./choices-field.tsx').then((module) => module.ChoicesField))
const PasswordInput = dynamic(() => import('../ui/password-input.tsx').then((module) => module.PasswordInput))

/** One field. Its texts are a stranger's and are only ever text. */
export function FormField({ field, ...rest }: FieldProps) {
  switch (field.kind) {
    case 'boolean':
      return <BooleanField field={field} {...rest} />
    case 'choice':
      return <ChoiceField field={field} {...rest} />
    case 'list':
      if (field.choices.length > 0 && field.choices.length <= 12) return <ChoicesField field={field} {...rest} />
      return <TypedField field={field} {...rest} />
    case 'file':
      return <FileField field={field} {...rest} />
    default:
      return <TypedField field={field} {...rest} />
  }
}

function TypedField({ field, raw, problem, onChange, onLeave }: FieldProps) {
  const common = {
    id: fieldId(field.name),
    name: field.name,
    label: field.label,
    required: field.isRequired,
    description: descriptionOf(field),
    error: problem,
    value: typedOf(field, raw),
    placeholder: field.fallback === null ? undefined : `${field.fallback} if left out`,
    onBlur: onLeave,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange(rawOfTyped(field, event.currentTarget.value)),
  }
  switch (field.kind) {
    case 'secret':
      return <PasswordInput {...common} autoComplete="off" />
    case 'number':
      // Not type="number": its arrows, its wheel and its silent refusal of what it cannot read do more harm than good.
      return <TextInput {...common} inputMode={field.isWhole ? 'numeric' : 'decimal'} autoComplete="off" />
    case 'date':
      return <TextInput {...common} type={field.inputType} />
    case 'text':
      if (field.isLong) return <Textarea {...common} className={classes.growing} rows={3} />
      return <TextInput {...common} type={field.inputType} />
    default:
      return <Textarea {...common} className={classes.mono} rows={4} spellCheck={false} />
  }
}

function BooleanField({ field, raw, problem, onChange, onLeave }: FieldProps) {
  if (field.isRequired || field.fallback !== null)
    return (
      <Checkbox
        id={fieldId(field.name)}
        label={field.label}
        description={descriptionOf(field)}
        error={problem}
        checked={(raw ?? field.fallback) === 'true'}
        onBlur={onLeave}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
      />
    )
  return (
    <NativeSelect
      id={fieldId(field.name)}
      label={field.label}
      description={descriptionOf(field)}
      error={problem}
      value={raw ?? ''}
      onBlur={onLeave}
      onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      data={[
        { value: '', label: 'Left out' },
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ]}
    />
  )
}

function ChoiceField({ field, raw, problem, onChange, onLeave }: FieldProps<Extract<Field, { kind: 'choice' }>>) {
  const nothing = field.isRequired ? 'Choose …' : field.fallback === null ? 'Left out' : `${field.fallback} if left out`
  const isKnown = raw === undefined || field.choices.some((choice) => choice.raw === raw)
  return (
    <NativeSelect
      id={fieldId(field.name)}
      label={field.label}
      required={field.isRequired}
      description={descriptionOf(field)}
      error={problem}
      value={raw ?? ''}
      onBlur={onLeave}
      onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      data={[
        { value: '', label: nothing },
        ...(isKnown ? [] : [{ value: raw, label: raw }]),
        ...field.choices.map((choice) => ({ value: choice.raw, label: choice.label })),
      ]}
    />
  )
}
