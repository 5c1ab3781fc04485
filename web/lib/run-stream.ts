import { pauseUntilOnline } from './pause-until-online.ts'
import { createEventReader, dataOf, type StreamEvent } from './run-events.ts'

export type RunEvent = { readonly name: string; readonly data: Readonly<Record<string, unknown>> }

/** What a stream tells its page: events in order, and whether the line stands. */
export type RunListener = {
  readonly onEvents: (events: readonly RunEvent[]) => void
  readonly onLine: (line: 'live' | 'lost') => void
  /** Seq of the last event that the page holds. */
  readonly lastSeq: () => number
}

const FIRST_PAUSE_MS = 400
const LONGEST_PAUSE_MS = 8_000

/** Listens to a run until it is settled, across lost connections: each time it asks for what came after the last event
 * that was seen. @returns whether the run was seen to settle; false where the stream is refused for good */
export async function followRun(runId: string, listener: RunListener, signal: AbortSignal): Promise<boolean> {
  let pauseMs = FIRST_PAUSE_MS
  for (;;) {
    const ended = await listenOnce(runId, listener, signal, () => (pauseMs = FIRST_PAUSE_MS))
    if (signal.aborted) return false
    if (ended !== 'lost') return ended === 'settled'
    listener.onLine('lost')
    await pauseUntilOnline(pauseMs, signal)
    if (signal.aborted) return false
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

async function listenOnce(
  runId: string,
  listener: RunListener,
  signal: AbortSignal,
  onOpen: () => void,
): Promise<'settled' | 'refused' | 'lost'> {
  try {
    const answer = await fetch(`/api/runs/${runId}/events?after=${listener.lastSeq()}`, {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal,
    })
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return 'refused'
    // It is over and everything of it was told.
    if (answer.status === 204) return 'settled'
    if (!answer.ok || answer.body === null) return 'lost'
    onOpen()
    listener.onLine('live')
    return await readEvents(answer.body, listener)
  } catch {
    return 'lost' // the connection broke, or the page left it; the caller looks at the signal
  }
}

async function readEvents(body: ReadableStream<Uint8Array>, listener: RunListener): Promise<'settled' | 'lost'> {
  const read = createEventReader()
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return 'lost'
    const events = read(decoder.decode(value, { stream: true })).flatMap(eventOf)
    if (events.length > 0) listener.onEvents(events)
    if (events.some((event) => event.name === 'run.settled')) {
      await reader.cancel()
      return 'settled'
    }
  }
}

function eventOf(event: StreamEvent): RunEvent[] {
  const data = dataOf(event)
  if (data === null) return []
  const seq = Number(event.id)
  return [{ name: event.event, data: Number.isSafeInteger(seq) && event.id !== null ? { ...data, seq } : data }]
}
