import { Button } from '../ui/button.tsx'
import { X } from 'lucide-react'
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { agentPageOf, type AgentCard, type AgentPage } from '../../lib/agent-facts.ts'
import { api, ask } from '../../lib/api.ts'
import { runWithHref } from '../../lib/example-excerpt.ts'
import type { Problem } from '../../lib/problem.ts'
import { LinkButton } from '../ui/link-button.tsx'
import classes from './agent.module.css'

type ExampleDrawerProps = {
  readonly agent: Pick<AgentCard, 'id' | 'name' | 'owner' | 'slug'>
  readonly onClose: () => void
}

/** What of the example is there to show by now. */
type Shown =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'there'; readonly page: AgentPage }

/** The browser's own dialog: it keeps the focus inside and closes by Escape. Drawn outside the card, which is a link as
 * a whole. */
export function ExampleDrawer({ agent, onClose }: ExampleDrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [shown, setShown] = useState<Shown>({ kind: 'loading' })
  const [at, setAt] = useState(0)
  const read = useCallback(async () => {
    setShown({ kind: 'loading' })
    const answer = await ask(api.GET('/api/agents/{id}', { params: { path: { id: agent.id } } }))
    const page = answer.ok ? agentPageOf(answer.data) : null
    if (page !== null) setShown({ kind: 'there', page })
    else if (!answer.ok) setShown({ kind: 'failed', problem: answer.problem })
  }, [agent.id])
  useEffect(() => {
    dialog.current?.showModal()
    void read()
  }, [read])
  const href = `/agents/${agent.owner}/${agent.slug}`
  const examples = shown.kind === 'there' ? shown.page.examples : []
  const example = examples[at]
  return createPortal(
    <dialog
      ref={dialog}
      className={classes.drawer}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        // The backdrop is the dialog itself; all that is shown lies inside its one child.
        if (event.target === event.currentTarget) dialog.current?.close()
      }}
    >
      <div className={classes.drawerBody}>
        <header className={classes.drawerHead}>
          <h2 id={titleId}>Example of {agent.name}</h2>
          <button
            type="button"
            className={classes.drawerClose}
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <X size={20} aria-hidden />
          </button>
        </header>
        <div aria-live="polite">
          {shown.kind === 'loading' && <p className={classes.quiet}>Loading the example …</p>}
          {shown.kind === 'failed' && (
            <>
              <p>
                {shown.problem.title}. {shown.problem.fix}
              </p>
              <Button variant="default" onClick={() => void read()}>
                Try again
              </Button>
            </>
          )}
          {shown.kind === 'there' && example === undefined && (
            <p className={classes.quiet}>This agent has no stored example. Its page says what it takes and answers.</p>
          )}
        </div>
        {examples.length > 1 && (
          <div className={classes.examples} role="group" aria-label="Examples">
            {examples.map((each, index) => (
              <button
                key={each.name}
                type="button"
                className={classes.exampleChip}
                aria-pressed={index === at}
                onClick={() => setAt(index)}
              >
                {each.name}
              </button>
            ))}
          </div>
        )}
        {example !== undefined && (
          <div className={classes.drawerPair}>
            <figure>
              <figcaption>Input</figcaption>
              <pre tabIndex={0} aria-label="Input of the example">
                {wholeText(example.input)}
              </pre>
            </figure>
            <figure>
              <figcaption>Stored output</figcaption>
              <pre tabIndex={0} aria-label="Stored output of the example">
                {wholeText(example.output)}
              </pre>
            </figure>
          </div>
        )}
        <footer className={classes.drawerFoot}>
          {example === undefined ? (
            <LinkButton href={href} variant="default">
              Open its page
            </LinkButton>
          ) : (
            <LinkButton href={runWithHref(href, example.name)}>Run with this</LinkButton>
          )}
        </footer>
      </div>
    </dialog>,
    document.body,
  )
}

const MOST_CHARS = 20_000

/** All of a value that one can look through; a text as it is. */
function wholeText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}\n…` : text
}
