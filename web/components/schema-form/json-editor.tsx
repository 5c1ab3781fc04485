'use client'
import { json } from '@codemirror/lang-json'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'
import classes from './schema-form.module.css'

type JsonEditorProps = {
  readonly text: string
  readonly onChange: (text: string) => void
  readonly onReady: () => void
}

/** CodeMirror, loaded when somebody wants to type JSON. */
export function JsonEditor({ text, onChange, onReady }: JsonEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef({ text, onChange, onReady })
  latest.current = { text, onChange, onReady }
  useEffect(() => {
    if (place.current === null) return undefined
    const editor = new EditorView({
      parent: place.current,
      doc: latest.current.text,
      extensions: [
        basicSetup,
        json(),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? ''),
        EditorView.contentAttributes.of({ 'aria-label': 'Input as JSON', 'aria-multiline': 'true' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString())
        }),
      ],
    })
    view.current = editor
    latest.current.onReady()
    return () => {
      editor.destroy()
      view.current = null
    }
  }, [])
  // From outside: an example was chosen.
  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
  return <div ref={place} className={classes.editor} />
}
