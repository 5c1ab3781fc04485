import Link from 'next/link'
import type { AgentCard as Facts } from '../../lib/agent-facts.ts'
import { categoryWords } from '../../lib/category-words.ts'
import { languageWords } from '../../lib/language-words.ts'
import { cardPriceWords } from '../../lib/price-words.ts'
import { hostsWords, successWords } from '../../lib/run-words.ts'
import { durationWords } from '../../lib/time-words.ts'
import { AgentIcon } from './agent-icon.tsx'
import { SeeExample } from './see-example.tsx'
import classes from './agent.module.css'

/** An agent in a list: what it does, what a run usually costs and takes, how often it goes well. One link a card. */
export function AgentCard({ agent, level = 2 }: { readonly agent: Facts; readonly level?: 2 | 3 }) {
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <article className={classes.card}>
      <div className={classes.cardHead}>
        <AgentIcon agent={agent} />
        <div>
          <Heading className={classes.cardName}>
            <Link href={`/agents/${agent.owner}/${agent.slug}`}>{agent.name}</Link>
          </Heading>
          <p className={classes.by}>by {agent.ownerName}</p>
        </div>
      </div>
      <p className={classes.sentence}>{agent.description}</p>
      <ul className={classes.factRow}>
        <li>
          <strong>{cardPriceWords(agent.price, agent.typical?.charge ?? null)}</strong>
        </li>
        {agent.typical !== null && agent.typical.ms > 0 && <li>{durationWords(agent.typical.ms)}</li>}
        <li>{successWords(agent.success)}</li>
      </ul>
      <ul className={classes.chips}>
        <li data-good={agent.hosts === 0 || undefined}>{hostsWords(agent.hosts)}</li>
        {agent.isTrial && <li data-good>try it free</li>}
        {agent.category !== null && <li>{categoryWords(agent.category)}</li>}
        {agent.language === 'python' && <li>{languageWords(agent.language)}</li>}
      </ul>
      {agent.hasExample && (
        <SeeExample agent={{ id: agent.id, name: agent.name, owner: agent.owner, slug: agent.slug }} />
      )}
    </article>
  )
}
