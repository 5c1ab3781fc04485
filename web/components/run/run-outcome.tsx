'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { api, ask } from '../../lib/api.ts'
import { creditsPath } from '../../lib/credits-path.ts'
import { editInput, type Again } from '../../lib/edit-input.ts'
import type { Mend } from '../../lib/failure-words.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import type { RunProblem } from '../../lib/run-problem.ts'
import { isOver } from '../../lib/run-status-words.ts'
import { UNREACHABLE } from '../../lib/unreachable.ts'
import { OverRun } from './over-run.tsx'
import { RunStateMissing } from './run-state-missing.tsx'
import classes from './run.module.css'

const loadWatchedRun = () => import('./watched-run.tsx')
/** A run that goes on, or was refused when it was to be run again. */
const WatchedRun = dynamic(() =>
  loadWatchedRun().then(
    (module) => module.WatchedRun,
    () => RunStateMissing,
  ),
)
/** What went wrong, or a result that is long: what the server has not drawn. */
const OverResult = dynamic(() => import('./over-result.tsx').then((module) => module.OverResult))

type RunOutcomeProps = {
  readonly first: LiveRun
  readonly again: Again
  /** How the agent wants its output shown. */
  readonly view: string | null
  /** The end of a run that is over, in one sentence. */
  readonly words: string
  /** What is said of it to who cannot see it. */
  readonly said: string
  /** What came of it, where the server has drawn that. */
  readonly result: ReactNode
}

/** The output of a run under its own address. What it takes to watch one is loaded for those that go on. */
export function RunOutcome({ first, again, view, words, said, result }: RunOutcomeProps) {
  const router = useRouter()
  const [refusal, setRefusal] = useState<RunProblem | null>(null)
  const headRef = useRef<HTMLHeadingElement>(null)
  const [spoken, setSpoken] = useState('')
  useEffect(() => setSpoken(said), [said])
  const here = `/runs/${first.runId}`

  const runAgain = async () => {
    setRefusal(null)
    const answer = await ask(
      api.POST('/api/runs/{id}/again', {
        params: { path: { id: first.runId } },
        body: {},
        headers: { prefer: 'respond-async' },
      }),
    )
    if (answer.ok) router.push(`/runs/${answer.data.runId}`)
    else {
      const { problem } = answer
      setRefusal(
        await loadWatchedRun().then(
          ({ runProblemOf }) => runProblemOf(problem.facts, problem.status),
          () => UNREACHABLE,
        ),
      )
    }
  }
  const mend = (kind: Mend) => {
    switch (kind) {
      case 'run_again':
        void runAgain()
        return
      case 'get_credits':
        router.push(creditsPath(here, refusal?.needed ?? null))
        return
      case 'sign_in':
        router.push(`/sign-in?next=${encodeURIComponent(here)}`)
        return
      case 'register':
        router.push(`/register?next=${encodeURIComponent(here)}`)
        return
      case 'other_agent':
        router.push('/agents')
        return
      case 'switch_account':
        router.push('/account')
        return
      case 'edit_input':
      case 'raise_cap':
      case 'agree':
      case 'reload':
        void editInput(again).then((href) => router.push(href))
    }
  }
  return (
    // Whatever Run again comes to is shown without delay, also where the line is lost by then.
    <section className={classes.output} aria-label="Output" onFocus={prepare} onPointerEnter={prepare}>
      {/* The one polite live region of a run: there before anything is said in it. */}
      <p className="sr-only" role="status" aria-live="polite">
        {spoken}
      </p>
      {isOver(first.status) && refusal === null ? (
        <OverRun
          run={first}
          words={words}
          result={result ?? <OverResult run={first} isStoppedHere={false} view={view} onMend={mend} />}
          onRunAgain={() => void runAgain()}
          headRef={headRef}
        />
      ) : (
        <WatchedRun
          first={first}
          refusal={refusal}
          view={view}
          onMend={mend}
          onRunAgain={() => void runAgain()}
          headRef={headRef}
          say={setSpoken}
        />
      )}
    </section>
  )
}

const prepare = (): void => void loadWatchedRun().catch(() => undefined)
