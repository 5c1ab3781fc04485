import Link from 'next/link'
import { failuresHref, isRunId, type FailuresQuery } from '../../lib/failures-query.ts'
import { STATUS_WORDS } from '../../lib/run-status-words.ts'
import { ask, serverApi } from '../../lib/server-api.ts'
import { durationWords } from '../../lib/time-words.ts'
import { ListState } from '../states/list-state.tsx'
import { Button } from '../ui/button.tsx'
import { CopyText } from '../run/copy-text.tsx'
import { TextInput } from '../ui/fields.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Panel } from '../ui/panel.tsx'
import classes from './failures.module.css'

type FailedRunsProps = {
  readonly path: string
  readonly query: FailuresQuery
  readonly agentId: string
}

/** The runs that failed, newest first: what this site itself knows of each, and its id. */
export async function FailedRuns({ path, query, agentId }: FailedRunsProps) {
  const { code, version, run, cursor } = query
  return (
    <Panel title="Runs" text={shownWords(query)}>
      {/* Works before and without any script. */}
      <form action={path} role="search" className={classes.find}>
        <TextInput
          name="run"
          label="Run id"
          defaultValue={run ?? ''}
          placeholder="0195b3a4-…"
          size="sm"
          maxLength={64}
        />
        <Button type="submit" variant="default" size="sm">
          Find
        </Button>
        {(run !== null || code !== null || version !== null) && (
          <Link href={path} scroll={false}>
            All failures
          </Link>
        )}
      </form>
      {run !== null && !isRunId(run) ? (
        <ListState
          kind="nothing_matches"
          text={`“${run}” is no run id. One looks like 0195b3a4-5f0e-7c31-9a55-0d9c6f1b2e77; the caller finds it below the failure.`}
        >
          <LinkButton href={path} variant="default">
            All failures
          </LinkButton>
        </ListState>
      ) : (
        <Found path={path} query={query} agentId={agentId} cursor={cursor} />
      )}
    </Panel>
  )
}

function shownWords({ code, version, run }: FailuresQuery): string {
  if (run !== null) return 'The one with this id.'
  if (code === null && version === null) return 'All, the latest first.'
  return `Only ${[code, version === null ? null : `version ${version}`].filter((part) => part !== null).join(' in ')}.`
}

async function Found({ path, query, agentId, cursor }: FailedRunsProps & { readonly cursor: string | null }) {
  const { code, version, run } = query
  const answer = await ask(
    (await serverApi()).GET('/api/agents/{id}/failures/runs', {
      params: {
        path: { id: agentId },
        query: {
          limit: 25,
          ...(code === null ? {} : { code }),
          ...(version === null ? {} : { version }),
          ...(run === null ? {} : { run }),
          ...(cursor === null ? {} : { cursor }),
        },
      },
    }),
  )
  if (!answer.ok)
    return (
      <ListState kind="failed" problem={answer.problem}>
        <LinkButton href={failuresHref(path, { ...query, cursor: null })} variant="default">
          Begin at the latest
        </LinkButton>
      </ListState>
    )
  const { items, nextCursor } = answer.data
  if (items.length === 0)
    return (
      <ListState
        kind="nothing_matches"
        text={
          run === null
            ? 'No run of the last 7 days failed like that.'
            : 'No run of this agent with that id failed in the last 7 days. It may have gone well, be older, or be of another agent.'
        }
      >
        <LinkButton href={path} variant="default">
          All failures
        </LinkButton>
      </ListState>
    )
  return (
    <>
      <ul className={classes.runs}>
        {items.map(({ runId = '', code: how = '', title, version: of, status, at = '', runMs = null, startedCold }) => (
          <li key={runId}>
            <span className={classes.when}>
              <LocalTime at={at} />
            </span>
            <span className={classes.what}>
              {title} <code>{how}</code>
            </span>
            <span className={classes.facts}>
              v{of}, {status === undefined ? 'ended' : STATUS_WORDS[status].toLowerCase()}
              {runMs === null ? ' before it began' : ` after ${durationWords(runMs)}`}
              {startedCold === true && ', started cold'}
            </span>
            <span className={classes.id}>
              <code>{runId}</code>
              <CopyText text={runId} label="Copy" what="run id" />
            </span>
          </li>
        ))}
      </ul>
      {(nextCursor !== null || cursor !== null) && (
        <p className={classes.pages}>
          {cursor !== null && <Link href={failuresHref(path, { ...query, cursor: null })}>Latest failures</Link>}
          {nextCursor !== null && (
            <Link href={failuresHref(path, { ...query, cursor: nextCursor })}>Older failures</Link>
          )}
        </p>
      )}
    </>
  )
}
