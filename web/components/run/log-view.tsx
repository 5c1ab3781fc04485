'use client'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { ansiSpans, withoutAnsi } from '../../lib/ansi.ts'
import { downloadText } from '../../lib/download-text.ts'
import type { LogEntry, LogLevel } from '../../lib/log-entry.ts'
import { filterLogs, logText, windowOf } from '../../lib/log-window.ts'
import { logTimeWords } from '../../lib/time-words.ts'
import { Button } from '../ui/button.tsx'
import { NativeSelect, TextInput } from '../ui/fields.tsx'
import classes from './run.module.css'

const ROW_PX = 24
const HEIGHT_PX = 384

type LogViewProps = {
  readonly runId: string
  readonly logs: readonly LogEntry[]
  readonly startedAtMs: number
  readonly isGoing: boolean
}

/** What the agent logged. Rows have one height and only those in view exist: a hundred thousand lines scroll like ten.
 * It follows the end until one scrolls up, and then says how many lines came. */
export function LogView({ runId, logs, startedAtMs, isGoing }: LogViewProps) {
  const [level, setLevel] = useState<LogLevel>('debug')
  const [search, setSearch] = useState('')
  const [time, setTime] = useState<'relative' | 'local' | 'utc'>('relative')
  const lines = useMemo(() => filterLogs(logs, level, search), [logs, level, search])
  const [top, setTop] = useState(0)
  const [followedAt, setFollowedAt] = useState<number | null>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  const isFollowing = followedAt === null

  // A link to a line: #L120.
  useEffect(() => {
    const line = /^#L(\d+)$/.exec(window.location.hash)?.[1]
    if (line === undefined || frame.current === null) return
    setChosen(Number(line))
    setFollowedAt(logs.length)
    frame.current.scrollTop = Math.max(0, (Number(line) - 4) * ROW_PX)
    // Once, when the lines are first there.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  useLayoutEffect(() => {
    if (isFollowing && frame.current !== null) frame.current.scrollTop = frame.current.scrollHeight
  }, [lines, isFollowing])

  const onScroll = () => {
    const box = frame.current
    if (box === null) return
    setTop(box.scrollTop)
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_PX
    if (isAtEnd) setFollowedAt(null)
    else if (isFollowing) setFollowedAt(lines.length)
  }
  const choose = (line: number) => {
    setChosen(line)
    window.history.replaceState(window.history.state, '', `#L${line}`)
  }
  const { from, to } = windowOf({ topPx: top, heightPx: HEIGHT_PX, rowPx: ROW_PX, rows: lines.length })
  const fresh = followedAt === null ? 0 : lines.length - followedAt
  return (
    <div>
      <div className={classes.logTools}>
        <NativeSelect
          size="sm"
          aria-label="Show from level"
          value={level}
          onChange={(event) => setLevel(levelOf(event.currentTarget.value))}
          data={[
            { value: 'debug', label: 'All levels' },
            { value: 'info', label: 'Info and up' },
            { value: 'warn', label: 'Warnings and up' },
            { value: 'error', label: 'Errors' },
          ]}
        />
        <TextInput
          size="sm"
          type="search"
          aria-label="Search the log"
          placeholder="Search the log"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          className={classes.grow}
        />
        <NativeSelect
          size="sm"
          aria-label="Times"
          value={time}
          onChange={(event) =>
            setTime(
              event.currentTarget.value === 'utc'
                ? 'utc'
                : event.currentTarget.value === 'local'
                  ? 'local'
                  : 'relative',
            )
          }
          data={[
            { value: 'relative', label: 'Since start' },
            { value: 'local', label: 'Local time' },
            { value: 'utc', label: 'UTC' },
          ]}
        />
        <Button
          size="sm"
          variant="default"
          onClick={() => downloadText(`run-${runId}.log`, logText(logs, startedAtMs))}
        >
          Download
        </Button>
      </div>
      <div className={classes.logFrame}>
        <div
          ref={frame}
          className={classes.log}
          onScroll={onScroll}
          tabIndex={0}
          role="region"
          aria-label="Log"
          style={{ height: HEIGHT_PX }}
        >
          {lines.length === 0 ? (
            <p className={classes.logEmpty}>{emptyWords(logs.length, isGoing)}</p>
          ) : (
            <ol className={classes.logLines} style={{ height: lines.length * ROW_PX }}>
              {lines.slice(from, to).map(({ entry, line }, at) => (
                <li
                  key={line}
                  className={classes.logLine}
                  data-level={entry.level}
                  data-chosen={line === chosen || undefined}
                  style={{ transform: `translateY(${(from + at) * ROW_PX}px)` }}
                >
                  <a
                    href={`#L${line}`}
                    title={`Line ${line}`}
                    onClick={(event) => {
                      event.preventDefault()
                      choose(line)
                    }}
                  >
                    {logTimeWords(entry.atMs, startedAtMs, time)}
                  </a>
                  <span data-what="level">{entry.level}</span>
                  <span data-what="message" title={withoutAnsi(entry.message)}>
                    {ansiSpans(entry.message).map((span, index) => (
                      <span key={index} data-ansi={span.style || undefined}>
                        {span.text}
                      </span>
                    ))}
                    {entry.fields !== undefined && <span data-what="fields"> {JSON.stringify(entry.fields)}</span>}
                  </span>
                </li>
              ))}
            </ol>
          )}
        </div>
        {fresh > 0 && (
          <Button className={classes.fresh} size="compact-sm" onClick={() => setFollowedAt(null)}>
            {fresh} new {fresh === 1 ? 'line' : 'lines'}
          </Button>
        )}
      </div>
    </div>
  )
}

const levelOf = (value: string): LogLevel =>
  value === 'error' ? 'error' : value === 'warn' ? 'warn' : value === 'info' ? 'info' : 'debug'

function emptyWords(logged: number, isGoing: boolean): string {
  if (logged > 0) return 'No line matches.'
  return isGoing ? 'Nothing logged yet.' : 'The agent logged nothing.'
}
