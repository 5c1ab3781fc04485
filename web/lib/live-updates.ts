import { io } from 'socket.io-client'
import { api, ask } from './api.ts'
import { NEWS } from './news.ts'
import { leaveIfSignedOut } from './signed-out.ts'

/** Many runs of one second are one look at the balance. */
const TOGETHER_MS = 400
const LONGEST_PAUSE_MS = 30_000
const ATTEMPTS = 20

/** Tells by {@link NEWS} what happens to the account, until the page lets go of it. In one file with the socket's client:
 * loaded together, after the page. */
export function listenToAccount(accountId: string, signal: AbortSignal): void {
  const socket = io({
    path: '/api/realtime',
    transports: ['websocket'],
    reconnectionAttempts: ATTEMPTS,
    reconnectionDelayMax: LONGEST_PAUSE_MS,
    // A token opens one socket: a new one for each attempt.
    auth: (use) => void tokenNow().then((token) => use(token === null ? {} : { token })),
  })
  let lastSeq: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const tell = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      window.dispatchEvent(new Event(NEWS))
    }, TOGETHER_MS)
  }
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    socket.disconnect()
  })
  socket.on('connect', () => {
    socket.emit(
      'subscribe',
      { room: `account:${accountId}`, ...(lastSeq !== undefined && { lastSeq }) },
      (ack: unknown) => {
        const seq = numberIn(ack, 'seq')
        // What was missed and is no longer kept is read anew.
        if (lastSeq !== undefined && !isComplete(ack)) tell()
        lastSeq = isComplete(ack) ? (lastSeq ?? seq) : seq
      },
    )
  })
  socket.on('event', (event: unknown) => {
    lastSeq = numberIn(event, 'seq') ?? lastSeq
    tell()
  })
  // Signed out elsewhere, or for another account now: what is on the page is nobody's to look at any longer.
  let isOver = false
  socket.on('ended', () => {
    isOver = true
    void leaveIfEnded()
  })
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect' && !isOver && !signal.aborted) socket.connect()
  })
}

async function leaveIfEnded(): Promise<void> {
  const answer = await ask(api.GET('/api/me'))
  if (!answer.ok) leaveIfSignedOut(answer.problem)
}

async function tokenNow(): Promise<string | null> {
  const answer = await ask(api.POST('/api/tokens', { body: { audience: 'realtime' } }))
  if (answer.ok) return answer.data.token
  leaveIfSignedOut(answer.problem)
  return null
}

function numberIn(value: unknown, name: string): number | undefined {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof found === 'number' ? found : undefined
}

const isComplete = (ack: unknown): boolean =>
  typeof ack === 'object' && ack !== null && 'isComplete' in ack && ack.isComplete === true
