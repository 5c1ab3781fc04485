'use client'
import dynamic from 'next/dynamic'
import { useId, useState, type ReactNode, type RefObject } from 'react'
import { downloadText } from '../../lib/download-text.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { STATUS_WORDS } from '../../lib/run-status-words.ts'
import { untilWords } from '../../lib/time-words.ts'
import { Button } from '../ui/button.tsx'
import { CopyText } from './copy-text.tsx'
import { LogLater } from './log-loader.tsx'
import { OutputHead } from './output-head.tsx'
import { StatusBadge } from './status-badge.tsx'
import { TabList, type TabChoice } from './tab-list.tsx'
import { useLogs } from './use-logs.ts'
import classes from './run.module.css'

const FilesView = dynamic(() => import('./files-view.tsx').then((module) => module.FilesView))
const JsonView = dynamic(() => import('./json-view.tsx').then((module) => module.JsonView))
const ReceiptView = dynamic(() => import('./receipt-view.tsx').then((module) => module.ReceiptView))

type OverRunProps = {
  readonly run: LiveRun
  /** Its end in one sentence. */
  readonly words: string
  /** What came of it, a result or what went wrong. */
  readonly result: ReactNode
  readonly onRunAgain: () => void
  readonly headRef: RefObject<HTMLHeadingElement | null>
}

/** A run that is over, with all it left. */
export function OverRun({ run, words, result, onRunAgain, headRef }: OverRunProps) {
  const isDone = run.status === 'succeeded'
  const [tab, setTab] = useState(() => (isLogLink() ? 'logs' : 'result'))
  const id = useId()
  const logs = useLogs(run, tab === 'logs')
  const tabs: TabChoice[] = [
    { value: 'result', label: isDone ? 'Result' : 'What happened' },
    ...(run.artifacts.length === 0 ? [] : [{ value: 'files', label: 'Files', count: run.artifacts.length }]),
    { value: 'logs', label: 'Logs', ...(logs.length === 0 ? {} : { count: logs.length }) },
    ...(run.hasOutput ? [{ value: 'json', label: 'JSON' }] : []),
    { value: 'receipt', label: 'Receipt' },
  ]
  return (
    <>
      <OutputHead headRef={headRef} title={<SettledTitle run={run} words={words} />} name={words}>
        <span className={classes.actions}>
          {run.hasOutput && <CopyText text={() => outputText(run.output)} label="Copy" what="result" />}
          {run.hasOutput && (
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              onClick={() => downloadText(`run-${run.runId}.json`, outputText(run.output), 'application/json')}
            >
              Download
            </Button>
          )}
          <CopyText text={() => `${window.location.origin}/runs/${run.runId}`} label="Link" what="link to this run" />
          <Button size="compact-sm" variant="default" onClick={onRunAgain}>
            Run again
          </Button>
        </span>
      </OutputHead>
      <TabList id={id} tabs={tabs} value={tab} onChange={setTab} label="Output">
        {tab === 'files' && <FilesView runId={run.runId} files={run.artifacts} />}
        {tab === 'logs' && (
          <LogLater runId={run.runId} logs={logs} startedAtMs={run.startedAtMs ?? run.createdAtMs} isGoing={false} />
        )}
        {tab === 'json' && <JsonView value={run.output} label="Result as JSON" />}
        {tab === 'receipt' && <ReceiptView receipt={run.receipt} isOver />}
        {tab === 'result' && result}
      </TabList>
      {run.keptUntil !== null && (
        <p className={classes.under}>
          <span className={classes.quiet}>Input, output and log are kept until {untilWords(run.keptUntil)}</span>
        </p>
      )}
    </>
  )
}

function SettledTitle({ run, words }: Pick<OverRunProps, 'run' | 'words'>) {
  return (
    <>
      <StatusBadge status={run.status} />
      <span className={classes.settled}>{words.slice(STATUS_WORDS[run.status].length)}</span>
    </>
  )
}

const outputText = (output: unknown): string => (typeof output === 'string' ? output : JSON.stringify(output, null, 2))

const isLogLink = (): boolean => typeof window !== 'undefined' && /^#L\d+$/.test(window.location.hash)
