'use client'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'

/** Copies what an operator asks for. */
export function CopyFacts({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    // Over plain http to another machine the browser hands out no clipboard; the words stand there to be selected.
    if (!window.isSecureContext) return
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => void copy()}>
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  )
}
