import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { ExamplePair } from '../../../components/agent/example-pair.tsx'
import classes from '../../../components/catalogue/catalogue.module.css'
import { Age } from '../../../components/run/age.tsx'
import { StatusBadge } from '../../../components/run/status-badge.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { ListState } from '../../../components/states/list-state.tsx'
import { LinkButton } from '../../../components/ui/link-button.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import { getStartAgents } from '../../../lib/catalogue-api.ts'
import { readRunsQuery, runsHref, type RunsQuery } from '../../../lib/runs-query.ts'
import { listRuns, type ListedRun } from '../../../lib/runs-api.ts'
import { chargeWords } from '../../../lib/price-words.ts'
import { isOver, STATUS_WORDS, type RunStatus } from '../../../lib/run-words.ts'
import type { SearchParams } from '../../../lib/catalogue-query.ts'
import { durationWords } from '../../../lib/time-words.ts'

export const metadata: Metadata = { title: 'Runs' }

const STATUSES: readonly RunStatus[] = ['queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled']

/** The account's runs, newest first. */
export default async function RunsPage({ searchParams }: { readonly searchParams: Promise<SearchParams> }) {
  const query = readRunsQuery(await searchParams)
  const answer = await listRuns(query)
  if (!answer.ok && answer.problem.status === 401) redirect(`/sign-in?next=${encodeURIComponent(runsHref(query))}`)
  return (
    <Page>
      <PageHead title="Runs" text="Each with its result, its log and its receipt." />
      <nav className={classes.filterRow} aria-label="State">
        <Link
          href={runsHref(query, { status: null, cursor: null })}
          aria-current={query.status === null ? 'true' : undefined}
        >
          All
        </Link>
        {STATUSES.map((status) => (
          <Link
            key={status}
            href={runsHref(query, { status, cursor: null })}
            aria-current={query.status === status ? 'true' : undefined}
          >
            {STATUS_WORDS[status]}
          </Link>
        ))}
      </nav>
      {!answer.ok ? (
        <ListState kind="failed" problem={answer.problem}>
          <LinkButton href={runsHref(query)} variant="default">
            Try again
          </LinkButton>
        </ListState>
      ) : answer.data.items.length === 0 ? (
        <NoRuns query={query} />
      ) : (
        <>
          <ul className={classes.runs}>
            {answer.data.items.map((run) => (
              <li key={run.runId}>
                <Run run={run} />
              </li>
            ))}
          </ul>
          {answer.data.nextCursor !== null && (
            <p className={classes.end}>
              <Link href={runsHref(query, { cursor: answer.data.nextCursor })} className={classes.loadMore}>
                Older runs
              </Link>
            </p>
          )}
        </>
      )}
    </Page>
  )
}

function Run({ run }: { readonly run: ListedRun }) {
  return (
    <Link href={`/runs/${run.runId}`}>
      <StatusBadge status={run.status} />
      <span>
        {run.agentName} <span className="sr-only">, </span>
      </span>
      <span>
        {isOver(run.status) && chargeWords(run.receipt)}
        {run.runMs !== null && `, ${durationWords(run.runMs)}`}
      </span>
      <Age at={run.createdAt} />
    </Link>
  )
}

async function NoRuns({ query }: { readonly query: RunsQuery }) {
  if (query.status !== null || query.agent !== null)
    return (
      <ListState kind="nothing_matches" text="None of your runs is like that.">
        <LinkButton href="/runs" variant="default">
          All runs
        </LinkButton>
      </ListState>
    )
  const start = await getStartAgents()
  return (
    <>
      <ListState
        kind="nothing_yet"
        title="Nothing has run yet"
        text="Every run stands here with its result, its log and its receipt. These have an input to begin with."
      >
        <LinkButton href="/agents">Explore agents</LinkButton>
      </ListState>
      <div className={classes.pairs} style={{ marginTop: '1rem' }}>
        {start.map((agent) => (
          <ExamplePair key={agent.id} agent={agent} />
        ))}
      </div>
    </>
  )
}
