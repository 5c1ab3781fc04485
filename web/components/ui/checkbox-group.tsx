'use client'
import type { ReactNode } from 'react'
import classes from './controls.module.css'
import { FieldFrame, useField, type Around } from './fields.tsx'

type CheckboxGroupProps = Around & {
  readonly id?: string
  readonly required?: boolean
  readonly children: ReactNode
}

/** Several of a few: one question, each answer a checkbox of its own. */
export function CheckboxGroup({ children, ...props }: CheckboxGroupProps) {
  const { frame, control } = useField(props)
  return (
    <FieldFrame {...frame} labelElement="div">
      <div
        id={frame.id}
        role="group"
        className={classes.group}
        aria-labelledby={`${frame.id}-label`}
        aria-describedby={control['aria-describedby']}
      >
        {children}
      </div>
    </FieldFrame>
  )
}
