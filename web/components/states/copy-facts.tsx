'use client'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'

/** Copies what an operator asks for. */
export function CopyFacts({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    const { toClipboard } = await import('../../lib/to-clipboard.ts')
    // Otherwise the words stand there to be selected.
    if (await toClipboard(text)) setCopied(true)
  }
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => void copy()}>
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  )
}
