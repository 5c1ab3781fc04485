'use client'
import { useId, type ComponentProps, type ReactNode } from 'react'
import classes from './controls.module.css'

/** What stands around a control. */
export type Around = {
  readonly label?: ReactNode
  /** Help, above the control and read with it. */
  readonly description?: ReactNode
  /** What is wrong, below it and read with it. */
  readonly error?: ReactNode
  /** Whether the label shows that something must be there; as `required` says unless given. */
  readonly withAsterisk?: boolean
}
export type Size = { readonly size?: 'sm' | 'md' }

type FieldFrameProps = Around & {
  readonly id: string
  readonly required?: boolean | undefined
  /** Of what is no single control, the label is only text. */
  readonly labelElement?: 'label' | 'div'
  readonly children: ReactNode
}

/** Label, help and fault around a control whose id is `id`; {@link describedBy} ties them to it. */
export function FieldFrame({
  id,
  label,
  description,
  error,
  required,
  withAsterisk,
  labelElement,
  children,
}: FieldFrameProps) {
  const isMarked = withAsterisk ?? required === true
  const text = (
    <>
      {label}
      {isMarked && (
        <span className={classes.required} aria-hidden="true">
          {' *'}
        </span>
      )}
    </>
  )
  return (
    <div>
      {isThere(label) &&
        (labelElement === 'div' ? (
          <div id={`${id}-label`} className={classes.label}>
            {text}
          </div>
        ) : (
          <label id={`${id}-label`} htmlFor={id} className={classes.label}>
            {text}
          </label>
        ))}
      {isThere(description) && (
        <p id={`${id}-help`} className={classes.help}>
          {description}
        </p>
      )}
      {children}
      {isThere(error) && (
        <p id={`${id}-fault`} className={classes.fault}>
          {error}
        </p>
      )}
    </div>
  )
}

const isThere = (part: ReactNode): boolean => part !== undefined && part !== null && part !== false && part !== ''

/** What a control says of its frame to who cannot see it. */
function describedBy(id: string, { description, error }: Around) {
  const ids = [isThere(description) ? `${id}-help` : '', isThere(error) ? `${id}-fault` : ''].filter(Boolean)
  return {
    'aria-describedby': ids.length === 0 ? undefined : ids.join(' '),
    'aria-invalid': isThere(error) || undefined,
  }
}

/** Splits what a field was given into its frame's part and its control's. */
export function useField<T extends Around & { id?: string | undefined; required?: boolean | undefined }>(props: T) {
  const made = useId()
  const { label, description, error, withAsterisk, ...control } = props
  const id = props.id ?? made
  return {
    frame: {
      id,
      label,
      description,
      error,
      required: props.required,
      ...(withAsterisk === undefined ? {} : { withAsterisk }),
    },
    control: { ...control, id, ...describedBy(id, props) },
  }
}

export const inputClass = (own: string | undefined): string =>
  own === undefined ? (classes.input ?? '') : `${classes.input} ${own}`

type TextInputProps = Around & Size & Omit<ComponentProps<'input'>, 'size'> & { readonly leftSection?: ReactNode }

export function TextInput({ size = 'md', leftSection, className, ...props }: TextInputProps) {
  const { frame, control } = useField(props)
  const input = <input type="text" {...control} data-size={size} className={inputClass(className)} />
  return (
    <FieldFrame {...frame}>
      <div className={classes.place}>
        {leftSection !== undefined && (
          <span className={classes.before} aria-hidden="true">
            {leftSection}
          </span>
        )}
        {input}
      </div>
    </FieldFrame>
  )
}

export function Textarea({ className, ...props }: Around & ComponentProps<'textarea'>) {
  const { frame, control } = useField(props)
  return (
    <FieldFrame {...frame}>
      <textarea {...control} className={inputClass(className)} />
    </FieldFrame>
  )
}

type Choice = { readonly value: string; readonly label: string; readonly disabled?: boolean }
type NativeSelectProps = Around &
  Size &
  Omit<ComponentProps<'select'>, 'size'> & { readonly data: readonly (Choice | string)[] }

export function NativeSelect({ size = 'md', data, className, ...props }: NativeSelectProps) {
  const { frame, control } = useField(props)
  return (
    <FieldFrame {...frame}>
      <div className={classes.place} data-kind="select">
        <select {...control} data-size={size} className={inputClass(className)}>
          {data.map((choice) => {
            const {
              value,
              label,
              disabled = false,
            } = typeof choice === 'string' ? { value: choice, label: choice } : choice
            return (
              <option key={value} value={value} disabled={disabled}>
                {label}
              </option>
            )
          })}
        </select>
      </div>
    </FieldFrame>
  )
}

export function Checkbox({ className, ...props }: Around & Omit<ComponentProps<'input'>, 'size' | 'type'>) {
  const { frame, control } = useField(props)
  const { id, label, description, error } = frame
  return (
    <div className={className === undefined ? classes.tick : `${classes.tick} ${className}`}>
      <input {...control} type="checkbox" />
      <label htmlFor={id}>{label}</label>
      {isThere(description) && (
        <p id={`${id}-help`} className={classes.help}>
          {description}
        </p>
      )}
      {isThere(error) && (
        <p id={`${id}-fault`} className={classes.fault}>
          {error}
        </p>
      )}
    </div>
  )
}
