import { ArrowRight } from 'lucide-react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { excerptOf, runWithHref } from '../../lib/example-excerpt.ts'
import { LinkButton } from '../ui/link-button.tsx'
import { AgentIcon } from './agent-icon.tsx'
import classes from './agent.module.css'

/** An agent by what it did: a real input and the stored answer to it, side by side. */
export function ExamplePair({ agent }: { readonly agent: AgentPage }) {
  const example = agent.examples[0]
  if (example === undefined) return null
  return (
    <article className={classes.pair}>
      <div className={classes.pairHead}>
        <AgentIcon agent={agent} />
        <div>
          <h3 className={classes.cardName}>{agent.name}</h3>
          <p className={classes.by}>{example.name}</p>
        </div>
        <LinkButton
          href={runWithHref(`/agents/${agent.owner}/${agent.slug}`, example.name)}
          size="sm"
          variant="light"
          className={classes.pairButton}
        >
          Run with this<span className="sr-only"> in {agent.name}</span>
        </LinkButton>
      </div>
      <div className={classes.pairBody}>
        <figure>
          <figcaption>Input</figcaption>
          <pre>{excerptOf(example.input)}</pre>
        </figure>
        <ArrowRight size={18} aria-hidden className={classes.pairArrow} />
        <figure>
          <figcaption>Stored output</figcaption>
          <pre>{excerptOf(example.output)}</pre>
        </figure>
      </div>
    </article>
  )
}
