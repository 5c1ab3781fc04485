import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { AgentCard } from '../../../../components/agent/agent-card.tsx'
import classes from '../../../../components/catalogue/catalogue.module.css'
import { Page } from '../../../../components/shell/page.tsx'
import { EmptyState } from '../../../../components/states/empty-state.tsx'
import { ListState } from '../../../../components/states/list-state.tsx'
import { LinkButton } from '../../../../components/ui/link-button.tsx'
import { getCreator } from '../../../../lib/catalogue-api.ts'
import { agentCountWords } from '../../../../lib/catalogue-query.ts'

type Params = { readonly params: Promise<{ readonly name: string }> }

const readCreator = cache(async (name: string) => getCreator(decodeURIComponent(name)))

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const answer = await readCreator((await params).name)
  return { title: answer.ok ? answer.data.name : 'Creator' }
}

/** Who publishes agents here, and which. */
export default async function CreatorPage({ params }: Params) {
  const { name } = await params
  const answer = await readCreator(name)
  if (!answer.ok && answer.problem.status === 404) notFound()
  if (!answer.ok)
    return (
      <Page>
        <h1>This page cannot be shown now</h1>
        <ListState kind="failed" problem={answer.problem}>
          <LinkButton href={`/creators/${name}`} variant="default">
            Try again
          </LinkButton>
        </ListState>
      </Page>
    )
  const creator = answer.data
  return (
    <Page>
      <header className={classes.catalogueHead}>
        <h1>{creator.name}</h1>
        <p>
          {agentCountWords(creator.agents)}
          {creator.createdAt.length >= 10 && `, here since ${creator.createdAt.slice(0, 10)}`}
        </p>
      </header>
      {creator.items.length === 0 ? (
        <EmptyState title="No public agents" text="What this creator publishes for everybody stands here.">
          <LinkButton href="/agents" variant="default">
            Explore other agents
          </LinkButton>
        </EmptyState>
      ) : (
        <div className={classes.grid}>
          {creator.items.map((agent) => (
            <AgentCard key={agent.id} agent={agent} />
          ))}
        </div>
      )}
    </Page>
  )
}
