import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { asDownload, mediaType } from '../http/index.ts'
import type { FoundArtifact } from './artifacts/get-artifacts.ts'
import { runsErrors } from './runs.errors.ts'

/** Sends an artifact or a part of it.
 * SECURITY: name, type and content are an agent's. It is always a download, never a page of this origin: what a browser
 * would show inline could read everything here.
 * @throws RANGE_NOT_SATISFIABLE */
export function sendArtifact(
  reply: FastifyReply,
  name: string,
  artifact: FoundArtifact,
  rangeHeader: string | undefined,
): FastifyReply {
  const { sizeBytes } = artifact
  const range = readRange(rangeHeader, sizeBytes)
  if (range === 'outside') {
    reply.header('content-range', `bytes */${sizeBytes}`)
    throw runsErrors.RANGE_NOT_SATISFIABLE({ sizeBytes })
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes }
  if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${sizeBytes}`)
  asDownload(reply, name)
  return reply
    .header('accept-ranges', 'bytes')
    .header('content-length', end - start)
    .header('content-type', mediaType(artifact.type))
    .send(Readable.from(artifact.read(start, end)))
}

/** One range of bytes; several, or another unit, are answered with the whole.
 * @returns null for the whole; `outside` where no byte of it is there */
export function readRange(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | 'outside' | null {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return null
  if (from === '') return Number(to) === 0 ? 'outside' : { start: Math.max(sizeBytes - Number(to), 0), end: sizeBytes }
  const start = Number(from)
  if (start >= sizeBytes) return 'outside'
  if (to !== '' && Number(to) < start) return null
  return { start, end: to === '' ? sizeBytes : Math.min(Number(to) + 1, sizeBytes) }
}
