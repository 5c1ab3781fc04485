import Link from 'next/link'
import type { ReactNode } from 'react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { announcementOf } from '../../lib/announce.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { paidFilesOf } from '../../lib/paid-files.ts'
import { settledWords } from '../../lib/run-words.ts'
import { isOver } from '../../lib/run-status-words.ts'
import { Age } from './age.tsx'
import { EditInputButton } from './edit-input-button.tsx'
import { JsonLater } from './json-loader.tsx'
import { JsonView } from './json-view.tsx'
import { PicturePreviews } from './picture-previews.tsx'
import { ResultView } from './result-view.tsx'
import { RunOutcome } from './run-outcome.tsx'
import agentClasses from '../agent/agent.module.css'
import classes from './run.module.css'

type RunPageProps = {
  readonly first: LiveRun
  readonly input: unknown
  /** Null where the agent is gone, or not to be seen any more: the run still is. */
  readonly agent: AgentPage | null
  readonly icon: ReactNode
}

/** What is longer as JSON the browser draws: drawn here, it would be sent three times, as data, as HTML and as what
 * React compares the HTML with. */
const MOST_DRAWN_HERE = 20_000

/** A run under its own address: on a second device, after a reload, a month later. All of a run that is over and went
 * well is drawn here, and needs no script but for its buttons. */
export function RunPage({ first, input, agent, icon }: RunPageProps) {
  const agentHref = agent === null ? '/agents' : `/agents/${agent.owner}/${agent.slug}`
  const again = { agentId: agent?.id ?? null, agentHref, input }
  const isEnd = isOver(first.status)
  return (
    <>
      <header className={classes.runHead}>
        {icon}
        <div>
          <h1>{agent === null ? 'A run' : <Link href={agentHref}>{agent.name}</Link>}</h1>
          <p className={classes.quiet}>
            {first.version !== null && `v${first.version}, `}
            <Age at={new Date(first.createdAtMs).toISOString()} />
          </p>
        </div>
      </header>
      <div className={agentClasses.runner}>
        <section className={agentClasses.input} aria-label="Input">
          <header className={agentClasses.inputHead}>
            <h2>Input</h2>
            {agent !== null && <EditInputButton again={again} />}
          </header>
          <div className={classes.panel}>
            {input === undefined ? (
              <p className={classes.quiet}>The input of this run is not kept any more.</p>
            ) : isShort(input) ? (
              <JsonView value={input} label="Input as JSON" />
            ) : (
              <JsonLater value={input} label="Input as JSON" />
            )}
          </div>
        </section>
        <div className={agentClasses.outputColumn}>
          <RunOutcome
            first={first}
            again={again}
            view={agent?.view ?? null}
            words={isEnd ? settledWords(first) : ''}
            said={(isEnd ? announcementOf(null, first) : null) ?? ''}
            result={
              first.status === 'succeeded' && first.hasOutput && isShort(first.output) ? (
                <>
                  <PicturePreviews files={paidFilesOf(first)} />
                  <ResultView value={first.output} view={agent?.view ?? null} />
                </>
              ) : null
            }
          />
        </div>
      </div>
    </>
  )
}

const isShort = (value: unknown): boolean => (JSON.stringify(value) ?? '').length <= MOST_DRAWN_HERE
