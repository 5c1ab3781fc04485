import { Code2, ReceiptText, ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { AgentCard } from '../../components/agent/agent-card.tsx'
import { ExamplePair } from '../../components/agent/example-pair.tsx'
import classes from '../../components/catalogue/catalogue.module.css'
import { Page } from '../../components/shell/page.tsx'
import { EmptyState } from '../../components/states/empty-state.tsx'
import { LinkButton } from '../../components/ui/link-button.tsx'
import { findAgents, getStartAgents } from '../../lib/catalogue-api.ts'
import { agentCountWords, readCatalogueQuery } from '../../lib/catalogue-query.ts'

const PROMISES = [
  {
    icon: ReceiptText,
    title: 'You know the price first',
    text: 'Every run has a cap. What it did not use comes back to you, and a run that fails costs nothing.',
  },
  {
    icon: ShieldCheck,
    title: 'Your data stays where you send it',
    text: 'Each run has a sandbox of its own. An agent reaches only the hosts that its page names, and most reach none.',
  },
  {
    icon: Code2,
    title: 'The form is the API',
    text: 'What you do on the page you can do from code: the call stands beside the form, with your input in it.',
  },
] as const

/** What this is, three agents at work, and the way into the rest. */
export default async function StartPage() {
  const [found, start] = await Promise.all([findAgents({ ...readCatalogueQuery({}), show: 24 }), getStartAgents()])
  const cards = found.ok ? found.data.items.slice(0, 6) : []
  return (
    <Page>
      <section className={classes.hero}>
        <h1>Agents that do one thing well</h1>
        <p>See what each one answers and what it costs. Run it on your own data, keep the result and the receipt.</p>
        <div className={classes.heroButtons}>
          <LinkButton href="/agents" size="md">
            Explore agents
          </LinkButton>
          <LinkButton href="/register" size="md" variant="default">
            Create an account
          </LinkButton>
        </div>
      </section>
      {start.length > 0 && (
        <section className={classes.section} aria-labelledby="start-here">
          <header className={classes.sectionHead}>
            <h2 id="start-here">Start here</h2>
            <p>Real inputs and what came out. Looking needs no account.</p>
          </header>
          <div className={classes.pairs}>
            {start.map((agent) => (
              <ExamplePair key={agent.id} agent={agent} />
            ))}
          </div>
        </section>
      )}
      <ul className={classes.promises}>
        {PROMISES.map(({ icon: Icon, title, text }) => (
          <li key={title}>
            <Icon size={20} strokeWidth={1.75} aria-hidden />
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <section className={classes.section} aria-labelledby="catalogue">
        <header className={classes.sectionHead}>
          <h2 id="catalogue">In the catalogue</h2>
          {found.ok && found.data.items.length > 6 && (
            <Link href="/agents">
              {found.data.hasMore ? 'See all' : `See all of ${agentCountWords(found.data.items.length)}`}
            </Link>
          )}
        </header>
        {cards.length > 0 ? (
          <div className={classes.grid}>
            {cards.map((agent) => (
              <AgentCard key={agent.id} agent={agent} level={3} />
            ))}
          </div>
        ) : (
          <EmptyState
            title="No agents yet"
            text="The first one is a file of twenty lines. The documentation has it to copy."
          >
            <a href="/docs">Read how to publish one</a>
          </EmptyState>
        )}
      </section>
    </Page>
  )
}
