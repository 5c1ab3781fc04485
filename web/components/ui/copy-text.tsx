'use client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import classes from './ui.module.css'

/** A text to take along, and the button that takes it. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <div>
      <code className={classes.secret} tabIndex={0} role="region" aria-label={label}>
        {text}
      </code>
      <Button size="compact-sm" variant="subtle" mt={6} onClick={() => void copy()}>
        {isCopied ? 'Copied' : `Copy ${label.toLowerCase()}`}
      </Button>
    </div>
  )
}
