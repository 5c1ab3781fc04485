'use client'
import dynamic from 'next/dynamic'
import { useRef, useState } from 'react'
import type { AgentCard } from '../../lib/agent-facts.ts'
import classes from './agent.module.css'

/** Loaded by whoever opens one. */
const ExampleDrawer = dynamic(() => import('./example-drawer.tsx').then((module) => module.ExampleDrawer), {
  ssr: false,
})

/** Opens an agent's example beside the list: what went in and what came out, without leaving the place. */
export function SeeExample({ agent }: { readonly agent: Pick<AgentCard, 'id' | 'name' | 'owner' | 'slug'> }) {
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        ref={button}
        type="button"
        className={classes.seeExample}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        See example<span className="sr-only"> of {agent.name}</span>
      </button>
      {isOpen && (
        <ExampleDrawer
          agent={agent}
          onClose={() => {
            setOpen(false)
            button.current?.focus()
          }}
        />
      )}
    </>
  )
}
