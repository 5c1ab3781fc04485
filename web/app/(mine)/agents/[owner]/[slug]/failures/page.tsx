import { Building2 } from 'lucide-react'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Suspense } from 'react'
import { FailureKinds } from '../../../../../../components/failures/failure-kinds.tsx'
import { FailedRuns } from '../../../../../../components/failures/failed-runs.tsx'
import { Page } from '../../../../../../components/shell/page.tsx'
import { EmptyState } from '../../../../../../components/states/empty-state.tsx'
import { ListState } from '../../../../../../components/states/list-state.tsx'
import { PanelSkeleton } from '../../../../../../components/states/panel-skeleton.tsx'
import { LinkButton } from '../../../../../../components/ui/link-button.tsx'
import { PageHead, Panel } from '../../../../../../components/ui/panel.tsx'
import { getAgentByName } from '../../../../../../lib/catalogue-api.ts'
import { failuresHref, readFailuresQuery } from '../../../../../../lib/failures-query.ts'
import { ask, serverApi } from '../../../../../../lib/server-api.ts'
import type { Search } from '../../../../../../lib/search-params.ts'
import { requirePerson } from '../../../../../../lib/session.ts'

export const metadata: Metadata = { title: 'Failures' }

type FailuresPageProps = {
  readonly params: Promise<{ readonly owner: string; readonly slug: string }>
  readonly searchParams: Promise<Search>
}

/** How the runs of an agent failed of late, for whoever published it. */
export default async function FailuresPage({ params, searchParams }: FailuresPageProps) {
  const { owner, slug } = await params
  const query = readFailuresQuery(await searchParams)
  const agentPath = `/agents/${owner}/${slug}`
  const path = `${agentPath}/failures`
  const person = await requirePerson(failuresHref(path, query))
  const found = await getAgentByName(decodeURIComponent(owner), decodeURIComponent(slug), null)
  if (!found.ok && found.problem.status === 404) notFound()
  if (!found.ok || found.data === null)
    return (
      <Page>
        <h1>Failures cannot be shown now</h1>
        {!found.ok && (
          <ListState kind="failed" problem={found.problem}>
            <LinkButton href={failuresHref(path, query)} variant="default">
              Try again
            </LinkButton>
          </ListState>
        )}
      </Page>
    )
  const agent = found.data
  if (!agent.isOwn && !person.permissions.includes('admin'))
    return (
      <Page>
        <EmptyState
          heading="h1"
          icon={Building2}
          title="Only its creator sees this"
          text={`${agent.name} belongs to ${agent.ownerName}, and you act for ${person.account.name}. If you belong to both, switch.`}
        >
          <LinkButton href="/account">Your accounts</LinkButton>
          <LinkButton href={agentPath} variant="default">
            {agent.name}
          </LinkButton>
        </EmptyState>
      </Page>
    )
  const kinds = await ask((await serverApi()).GET('/api/agents/{id}/failures', { params: { path: { id: agent.id } } }))
  return (
    <Page>
      <PageHead
        title={`Failures of ${agent.name}`}
        text="Of the last 7 days. What callers sent, what the agent said of it and its log are theirs to show: who asks you about a run names its id."
      >
        <LinkButton href={agentPath} variant="default">
          The agent
        </LinkButton>
      </PageHead>
      {!kinds.ok ? (
        <ListState kind="failed" problem={kinds.problem}>
          <LinkButton href={failuresHref(path, query)} variant="default">
            Try again
          </LinkButton>
        </ListState>
      ) : kinds.data.items.length === 0 ? (
        <ListState
          kind="nothing_yet"
          title={`Nothing failed in ${kinds.data.days} days`}
          text="A run that fails or takes too long stands here with its code, its version and its id. You are told when half of them do."
        >
          <LinkButton href={agentPath}>Run it</LinkButton>
        </ListState>
      ) : (
        <>
          <FailureKinds path={path} query={query} kinds={kinds.data.items} />
          <Suspense
            key={failuresHref(path, query)}
            fallback={
              <Panel title="Runs">
                <PanelSkeleton rows={6} />
              </Panel>
            }
          >
            <FailedRuns path={path} query={query} agentId={agent.id} />
          </Suspense>
        </>
      )}
    </Page>
  )
}
