'use client'
import { useRef, useState } from 'react'
import { Button } from './button.tsx'
import classes from './ui.module.css'

/** A text to take along, and the button that takes it. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  const code = useRef<HTMLElement>(null)
  const copy = async () => {
    const { toClipboard } = await import('../../lib/to-clipboard.ts')
    if (await toClipboard(text)) setCopied(true)
    // For Ctrl-C.
    else if (code.current !== null) window.getSelection()?.selectAllChildren(code.current)
  }
  return (
    <div>
      <code ref={code} className={classes.secret} tabIndex={0} role="region" aria-label={label}>
        {text}
      </code>
      <Button size="compact-sm" variant="subtle" style={{ marginTop: '0.375rem' }} onClick={() => void copy()}>
        {isCopied ? 'Copied' : `Copy ${label.toLowerCase()}`}
      </Button>
    </div>
  )
}
