import { csrf } from './api.ts'
import { pauseUntilOnline } from './pause-until-online.ts'
import { runProblemOf, type RunProblem } from './run-problem.ts'

/** How a file goes on its way in pieces, for who shows it. */
export type PiecesListener = {
  /** @param fraction of what is to be sent   @param isWaiting the connection is lost, and is tried again */
  readonly onProgress: (fraction: number, isWaiting: boolean) => void
}

export type SentPieces =
  | { readonly kind: 'sent'; readonly id: string }
  | { readonly kind: 'failed'; readonly problem: RunProblem }
  | { readonly kind: 'stopped' }

const TUS = '1.0.0'
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** Without a byte that arrives in between. */
const MOST_TRIES = 12

/** Sends a file by the tus protocol: after a lost connection it asks how much has arrived and goes on from there, so that
 * a gigabyte is not begun anew for a train in a tunnel. */
export async function uploadInPieces(file: File, listener: PiecesListener, signal: AbortSignal): Promise<SentPieces> {
  const known = knownAddress(file)
  const stood = known === null ? null : await standOf(known, signal)
  const begun =
    known === null || stood === null ? await begin(file, signal) : { kind: 'begun' as const, address: known }
  if (begun.kind !== 'begun') return begun
  const { address } = begun
  remember(file, address)
  let offset = stood ?? 0
  let tries = 0
  for (;;) {
    const sent = await sendPiece(address, file, offset, listener, signal)
    if (signal.aborted) {
      forget(file)
      void call(address, 'DELETE', {}).catch(() => undefined) // it expires by itself otherwise
      return { kind: 'stopped' }
    }
    if (sent.kind === 'failed') {
      forget(file)
      return sent
    }
    const stands = sent.kind === 'arrived' ? sent.offset : await standOf(address, signal)
    if (stands !== null && stands >= file.size) {
      forget(file)
      return { kind: 'sent', id: idOf(address) }
    }
    tries = stands !== null && stands > offset ? 0 : tries + 1
    offset = stands ?? offset
    if (tries >= MOST_TRIES) return { kind: 'failed', problem: runProblemOf(null, 0) }
    if (sent.kind === 'lost') {
      listener.onProgress(offset / file.size, true)
      await pauseUntilOnline(Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS), signal)
    }
  }
}

async function begin(
  file: File,
  signal: AbortSignal,
): Promise<{ readonly kind: 'begun'; readonly address: string } | Exclude<SentPieces, { readonly kind: 'sent' }>> {
  const metadata = [
    ['filename', file.name],
    ['filetype', file.type],
  ]
    .filter(([, value]) => value !== '')
    .map(([key = '', value = '']) => `${key} ${base64(value)}`)
    .join(',')
  try {
    const headers = { 'upload-length': String(file.size), 'upload-metadata': metadata }
    const answer = await call('/api/uploads/resumable', 'POST', headers, signal)
    const address = answer.headers.get('location')
    if (answer.status === 201 && address !== null) return { kind: 'begun', address }
    const body: unknown = await answer.json().catch(() => null)
    return { kind: 'failed', problem: runProblemOf(body, answer.status) }
  } catch {
    return signal.aborted ? { kind: 'stopped' } : { kind: 'failed', problem: runProblemOf(null, 0) }
  }
}

type Piece =
  | { readonly kind: 'arrived'; readonly offset: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly problem: RunProblem }

/** XMLHttpRequest, because `fetch` tells nothing of how far an upload is. */
async function sendPiece(
  address: string,
  file: File,
  offset: number,
  listener: PiecesListener,
  signal: AbortSignal,
): Promise<Piece> {
  const token = await csrf().catch(() => '')
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('PATCH', address)
    request.setRequestHeader('tus-resumable', TUS)
    request.setRequestHeader('upload-offset', String(offset))
    request.setRequestHeader('content-type', 'application/offset+octet-stream')
    request.setRequestHeader('x-csrf-token', token)
    request.upload.addEventListener('progress', (event) =>
      listener.onProgress((offset + event.loaded) / file.size, false),
    )
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', stop)
      resolve(pieceOf(request))
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    else request.send(file.slice(offset))
  })
}

function pieceOf(request: XMLHttpRequest): Piece {
  const { status } = request
  if (status === 204) return { kind: 'arrived', offset: Number(request.getResponseHeader('upload-offset') ?? 0) }
  // Broken off, too slow, out of step with what has arrived, or a server that is busy or starts anew: asked again.
  if (status === 0 || status === 408 || status === 409 || status === 429 || status >= 500) return { kind: 'lost' }
  return { kind: 'failed', problem: runProblemOf(jsonOf(request.responseText), status) }
}

/** Null where that cannot be known now. */
async function standOf(address: string, signal: AbortSignal): Promise<number | null> {
  try {
    const answer = await call(address, 'HEAD', {}, signal)
    return answer.ok ? Number(answer.headers.get('upload-offset') ?? 0) : null
  } catch {
    return null // still offline
  }
}

async function call(
  address: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Response> {
  const token = await csrf().catch(() => '')
  return fetch(address, {
    method,
    headers: { 'tus-resumable': TUS, 'x-csrf-token': token, ...headers },
    cache: 'no-store',
    ...(signal === undefined ? {} : { signal }),
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // a proxy's own words
  }
}

/** Where this file was on its way to, in this tab: chosen again, also after a reload, it goes on from there. */
const keyOf = (file: File): string => `bureau upload ${file.name} ${file.size} ${file.lastModified}`

function knownAddress(file: File): string | null {
  try {
    return sessionStorage.getItem(keyOf(file))
  } catch {
    return null // storage is off: it is begun anew
  }
}

function remember(file: File, address: string): void {
  try {
    sessionStorage.setItem(keyOf(file), address)
  } catch {
    // storage is off or full
  }
}

function forget(file: File): void {
  try {
    sessionStorage.removeItem(keyOf(file))
  } catch {
    // storage is off
  }
}

const base64 = (text: string): string => btoa(String.fromCodePoint(...new TextEncoder().encode(text)))

const idOf = (address: string): string => address.slice(address.lastIndexOf('/') + 1)
