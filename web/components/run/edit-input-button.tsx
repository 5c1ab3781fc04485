'use client'
import { useRouter } from 'next/navigation'
import { editInput, type Again } from '../../lib/edit-input.ts'
import { Button } from '../ui/button.tsx'

/** Back to the agent's form, filled in with what this run was given. */
export function EditInputButton({ again }: { readonly again: Again }) {
  const router = useRouter()
  return (
    <Button size="compact-sm" variant="default" onClick={() => void editInput(again).then((href) => router.push(href))}>
      Change and run
    </Button>
  )
}
