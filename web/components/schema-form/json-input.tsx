'use client'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Textarea } from '../ui/fields.tsx'
import classes from './schema-form.module.css'

const JsonEditor = dynamic(() => import('./json-editor.tsx').then((module) => module.JsonEditor), { ssr: false })

type JsonInputProps = {
  readonly text: string
  readonly problem: string | null
  readonly onChange: (text: string) => void
}

/** The whole input as JSON. A plain text area until the editor is there, and where one wants none. */
export function JsonInput({ text, problem, onChange }: JsonInputProps) {
  const [isReady, setReady] = useState(false)
  return (
    <div className={classes.jsonInput}>
      <JsonEditor text={text} onChange={onChange} onReady={() => setReady(true)} />
      {!isReady && (
        <Textarea
          aria-label="Input as JSON"
          className={classes.mono}
          rows={12}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {problem !== null && (
        <p className={classes.jsonProblem} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
