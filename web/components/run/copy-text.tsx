'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'

type CopyTextProps = {
  readonly text: string | (() => string)
  readonly label: string
  /** What is copied, for those who do not see what stands beside it. */
  readonly what: string
}

/** Copies, and says for two seconds that it did. */
export function CopyText({ text, label, what }: CopyTextProps) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return undefined
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    const { toClipboard } = await import('../../lib/to-clipboard.ts')
    if (await toClipboard(typeof text === 'string' ? text : text())) setCopied(true)
  }
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="gray"
      leftSection={isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      onClick={() => void copy()}
      aria-label={isCopied ? `Copied ${what}` : `Copy ${what}`}
    >
      {isCopied ? 'Copied' : label}
    </Button>
  )
}
