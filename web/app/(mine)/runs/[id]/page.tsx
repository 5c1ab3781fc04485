import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { AgentIcon } from '../../../../components/agent/agent-icon.tsx'
import { RunPage } from '../../../../components/run/run-page.tsx'
import { Page } from '../../../../components/shell/page.tsx'
import { ListState } from '../../../../components/states/list-state.tsx'
import { LinkButton } from '../../../../components/ui/link-button.tsx'
import { getAgent } from '../../../../lib/catalogue-api.ts'
import { getRun } from '../../../../lib/runs-api.ts'

export const metadata: Metadata = { title: 'Run' }

/** One run, live or over: what its agent's page showed, under an address of its own. */
export default async function OneRunPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params
  const answer = await getRun(id)
  if (!answer.ok && answer.problem.status === 401) redirect(`/sign-in?next=${encodeURIComponent(`/runs/${id}`)}`)
  // An id that is none answers 400.
  if (!answer.ok && (answer.problem.status === 404 || answer.problem.status === 400)) notFound()
  if (!answer.ok || answer.data === null)
    return (
      <Page>
        <h1>This run cannot be shown now</h1>
        {!answer.ok && (
          <ListState kind="failed" problem={answer.problem}>
            <LinkButton href={`/runs/${id}`} variant="default">
              Try again
            </LinkButton>
          </ListState>
        )}
      </Page>
    )
  const { run, input } = answer.data
  const agent = await getAgent(run.agentId)
  return (
    <Page>
      <RunPage first={run} input={input} agent={agent} icon={<AgentIcon agent={agent} />} />
    </Page>
  )
}
