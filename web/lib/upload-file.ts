import { csrf } from './api.ts'
import type { paths } from './api-schema.d.ts'
import { isRecord } from './is-record.ts'
import { runProblemOf, type RunProblem } from './run-problem.ts'
import { uploadInPieces } from './upload-pieces.ts'

/** What a text may weigh to stand in the input itself (the API takes so much inline). */
const MOST_INLINE_BYTES = 262_144

export type SentFile =
  | { readonly kind: 'sent'; readonly raw: string }
  | { readonly kind: 'failed'; readonly problem: RunProblem }
  | { readonly kind: 'stopped' }

/** From here on a file goes in pieces, and goes on after a lost connection. Smaller ones are one request. */
const IN_PIECES_FROM_BYTES = 4_000_000

/** Sends a file and gives the JSON text that stands for it in an input. Somebody who is not signed in has no place to
 * put one: a small file then stands in the input itself, and survives signing in with it.
 * @param onProgress a fraction of what is to be sent, and whether the connection is lost and tried again */
export async function uploadFile(
  file: File,
  onProgress: (fraction: number, isWaiting: boolean) => void,
  signal: AbortSignal,
): Promise<SentFile> {
  if (file.size >= IN_PIECES_FROM_BYTES) {
    const whole = await uploadInPieces(file, { onProgress }, signal)
    return whole.kind === 'sent' ? { kind: 'sent', raw: JSON.stringify({ $upload: whole.id }) } : whole
  }
  const sent = await send(file, onProgress, signal)
  if (sent.kind !== 'failed' || sent.problem.status !== 401 || file.size > MOST_INLINE_BYTES) return sent
  const text = await textOf(file)
  if (text !== null) return { kind: 'sent', raw: JSON.stringify(text) }
  const bytes = await base64Of(file)
  if (bytes.length > MOST_INLINE_BYTES) return sent
  const type = file.type === '' ? 'application/octet-stream' : file.type
  return { kind: 'sent', raw: JSON.stringify({ $base64: bytes, name: file.name.slice(0, 200), type }) }
}

/** Read as an address of data, because not every browser has `Uint8Array.toBase64` yet. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => {
      const { result } = reader
      resolve(typeof result === 'string' ? result.replace(/^[^,]*,/, '') : '')
    })
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The file cannot be read')))
    reader.readAsDataURL(file)
  })
}

const UPLOADS = '/api/uploads' satisfies keyof paths

/** XMLHttpRequest and not the typed client, because `fetch` tells nothing of how far an upload is. */
async function send(
  file: File,
  onProgress: (fraction: number, isWaiting: boolean) => void,
  signal: AbortSignal,
): Promise<SentFile> {
  const token = await csrf().catch(() => '')
  const body = new FormData()
  body.append('file', file, file.name)
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('POST', UPLOADS)
    request.responseType = 'json'
    request.setRequestHeader('x-csrf-token', token)
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total, false)
    })
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', stop)
      resolve(signal.aborted ? { kind: 'stopped' } : sentOf(request.status, request.response))
    })
    signal.addEventListener('abort', stop)
    request.send(body)
  })
}

function sentOf(status: number, body: unknown): SentFile {
  const id = isRecord(body) ? body['id'] : undefined
  if (status === 201 && typeof id === 'string') return { kind: 'sent', raw: JSON.stringify({ $upload: id }) }
  return { kind: 'failed', problem: runProblemOf(body, status) }
}

/** The text of a file, or null where it is none. */
async function textOf(file: File): Promise<string | null> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
    return text.includes('\u0000') ? null : text
  } catch {
    return null // not UTF-8
  }
}
