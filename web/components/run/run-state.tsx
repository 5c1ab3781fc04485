'use client'
import { useEffect, useId, useRef, useState, type RefObject } from 'react'
import { announcementOf } from '../../lib/announce.ts'
import { failureWords, type Mend } from '../../lib/failure-words.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { runningChargeWords } from '../../lib/price-words.ts'
import type { Problem } from '../../lib/problem.ts'
import type { RunProblem } from '../../lib/run-problem.ts'
import { isOver, STATUS_WORDS } from '../../lib/run-status-words.ts'
import { settledWords, waitingWords } from '../../lib/run-words.ts'
import { elapsedWords } from '../../lib/time-words.ts'
import { Button } from '../ui/button.tsx'
import { Chunks } from './chunks.tsx'
import { FailurePanel } from './failure-panel.tsx'
import { LogLater } from './log-loader.tsx'
import { OutputHead } from './output-head.tsx'
import { OverResult } from './over-result.tsx'
import { OverRun } from './over-run.tsx'
import { StatusBadge } from './status-badge.tsx'
import { TabList, type TabChoice } from './tab-list.tsx'
import type { RunHold } from './use-run.ts'
import classes from './run.module.css'

export type RunStateProps = {
  readonly hold: RunHold
  readonly view: string | null
  readonly onMend: (mend: Mend) => void
  readonly onRunAgain: () => void
  /** Takes the focus when a result is there, if the button that began it still has it. */
  readonly headRef: RefObject<HTMLHeadingElement | null>
  /** Speaks to who cannot see it. */
  readonly say: (words: string) => void
}

/** A run that was refused, goes on or is over. */
export function RunState({ hold, view, onMend, onRunAgain, headRef, say }: RunStateProps) {
  const { run, refusal } = hold
  useAnnouncements(hold, say)
  const noteStop = useStopFocus(run, headRef)
  if (refusal !== null) return <Refusal problem={refusal} onMend={onMend} headRef={headRef} />
  if (run === null) return null
  return isOver(run.status) ? (
    <OverRun
      key={run.runId}
      run={run}
      words={settledWords(run)}
      result={<OverResult run={run} isStoppedHere={hold.isStopping} view={view} onMend={onMend} />}
      onRunAgain={onRunAgain}
      headRef={headRef}
    />
  ) : (
    <Going key={run.runId} hold={hold} run={run} headRef={headRef} onStop={noteStop} />
  )
}

/** Stop goes away with the run that it ended, and the focus with it: it moves on to what came of it, unless it was put
 * somewhere else in the meantime. @returns what notes that Stop was pressed */
function useStopFocus(run: LiveRun | null, headRef: RefObject<HTMLHeadingElement | null>): () => void {
  const isStopped = useRef(false)
  const endedId = run !== null && isOver(run.status) ? run.runId : null
  useEffect(() => {
    if (endedId === null || !isStopped.current) return
    isStopped.current = false
    if (document.activeElement === document.body) headRef.current?.focus({ preventScroll: true })
  }, [endedId, headRef])
  return () => {
    isStopped.current = true
  }
}

/** Says for the one polite live region what is new. */
function useAnnouncements(hold: RunHold, say: (words: string) => void): void {
  const { run, refusal, line } = hold
  const before = useRef<LiveRun | null>(null)
  useEffect(() => {
    const news = announcementOf(before.current, run)
    before.current = run
    if (news !== null) say(news)
  }, [run, say])
  useEffect(() => {
    if (refusal === null) return
    const said = failureWords(refusal, null)
    say(`${said.what}. ${said.cost}. Next: ${said.mend.label}.`)
  }, [refusal, say])
  useEffect(() => {
    if (line === 'lost') say('The connection is lost. The run goes on.')
  }, [line, say])
}

function Refusal({
  problem,
  onMend,
  headRef,
}: {
  readonly problem: RunProblem
  readonly onMend: (mend: Mend) => void
  readonly headRef: RefObject<HTMLHeadingElement | null>
}) {
  return (
    <>
      <OutputHead headRef={headRef} title="Not run" />
      <FailurePanel
        words={failureWords(problem, null)}
        issues={problem.issues}
        runId={problem.runId}
        requestId={problem.requestId}
        onMend={onMend}
      />
    </>
  )
}

function Going({
  hold,
  run,
  headRef,
  onStop,
}: {
  readonly hold: RunHold
  readonly run: LiveRun
  readonly headRef: RefObject<HTMLHeadingElement | null>
  readonly onStop: () => void
}) {
  const isWaiting = run.status === 'queued'
  const [tab, setTab] = useState('result')
  const id = useId()
  const charge = isWaiting ? null : runningChargeWords(run.charged, run.receipt)
  const tabs: TabChoice[] = [
    { value: 'result', label: 'Result' },
    { value: 'logs', label: 'Logs', count: run.logs.length },
  ]
  return (
    <>
      <OutputHead headRef={headRef} title={<StatusBadge status={run.status} />}>
        <Elapsed sinceMs={isWaiting ? run.createdAtMs : (run.startedAtMs ?? run.createdAtMs)} />
        {run.cancelable && (
          <Button
            variant="default"
            size="sm"
            loading={hold.isStopping}
            onClick={() => {
              onStop()
              void hold.stop()
            }}
            className={classes.stop}
          >
            {isWaiting ? 'Cancel' : 'Stop'}
          </Button>
        )}
      </OutputHead>
      {hold.unwatched !== null ? (
        <Unwatched problem={hold.unwatched} runId={run.runId} />
      ) : (
        hold.line === 'lost' && <p className={classes.notice}>Reconnecting. The run goes on without this page.</p>
      )}
      <Bar run={run} />
      <p className={classes.sentence}>
        <span>{isWaiting ? waitingWords(run.waiting) : (run.progress?.message ?? 'The agent is at work.')}</span>
        {charge !== null && <span className="figures">{charge}</span>}
      </p>
      {!isWaiting && (
        <TabList id={id} tabs={tabs} value={tab} onChange={setTab} label="Output so far">
          {tab === 'logs' ? (
            <LogLater runId={run.runId} logs={run.logs} startedAtMs={run.startedAtMs ?? run.createdAtMs} isGoing />
          ) : (
            <Chunks chunks={run.chunks} />
          )}
        </TabList>
      )}
    </>
  )
}

/** The page may not listen any more: the session ended, or this account is not the run's. */
function Unwatched({ problem, runId }: { readonly problem: Problem; readonly runId: string }) {
  return (
    <p className={classes.notice} role="alert">
      {problem.status === 401 ? (
        <>
          You are signed out. The run goes on without this page:{' '}
          <a href={`/sign-in?next=${encodeURIComponent(`/runs/${runId}`)}`}>sign in</a> to watch it again.
        </>
      ) : (
        <>
          {problem.title}. The run may go on; this page is not told of it. {problem.fix}
        </>
      )}
    </p>
  )
}

function Bar({ run }: { readonly run: LiveRun }) {
  const isWaiting = run.status === 'queued'
  const percent = run.progress === null || isWaiting ? null : Math.round(run.progress.fraction * 100)
  const text = isWaiting ? waitingWords(run.waiting) : (run.progress?.message ?? 'The agent is at work.')
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label={STATUS_WORDS[run.status]}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      aria-valuetext={percent === null ? text : `${percent} %, ${text}`}
      data-indeterminate={percent === null || undefined}
      data-waiting={isWaiting || undefined}
    >
      <span style={percent === null ? undefined : { transform: `scaleX(${percent / 100})` }} />
    </div>
  )
}

/** The time that goes by, apart, so that a second does not draw the output anew. */
function Elapsed({ sinceMs }: { readonly sinceMs: number }) {
  const [nowMs, setNow] = useState<number | null>(null)
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return <span className={`${classes.elapsed} figures`}>{nowMs === null ? '' : elapsedWords(nowMs - sinceMs)}</span>
}
