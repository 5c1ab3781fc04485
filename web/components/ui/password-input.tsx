'use client'
import { useState, type ComponentProps } from 'react'
import classes from './controls.module.css'
import { FieldFrame, inputClass, useField, type Around, type Size } from './fields.tsx'
import { Icon } from './icon.tsx'

/** A password, and a button that shows it: who cannot see what they type makes more mistakes. */
export function PasswordInput({
  size = 'md',
  className,
  ...props
}: Around & Size & Omit<ComponentProps<'input'>, 'size' | 'type'>) {
  const [isShown, setShown] = useState(false)
  const { frame, control } = useField(props)
  return (
    <FieldFrame {...frame}>
      <div className={classes.place}>
        <input
          autoCapitalize="none"
          spellCheck={false}
          {...control}
          type={isShown ? 'text' : 'password'}
          data-size={size}
          className={inputClass(className)}
        />
        <button
          type="button"
          className={classes.reveal}
          aria-label="Show what is typed"
          aria-pressed={isShown}
          aria-controls={frame.id}
          onClick={() => setShown(!isShown)}
        >
          <Icon name="eye" />
        </button>
      </div>
    </FieldFrame>
  )
}
