import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { runsErrors } from '../../runs.errors.ts'
import type { UploadsDeps } from '../store-upload.ts'
import { appendToUpload, beginUpload, getUploadState, giveUpUpload, type UploadState } from './resume-upload.ts'
import { readMetadata } from './tus-metadata.ts'

const VERSION = '1.0.0'
const params = z.object({ id: z.uuid() })
const nothing = z.void()
const PIECE = 'application/offset+octet-stream'

/** Uploads that go on after they broke off: the tus protocol, version 1.0.0, core with creation, expiration and
 * termination (https://tus.io/protocols/resumable-upload). Own routes and not @tus/server: that brings stores, locks and
 * rows of its own beside ours, of which none know an account's quota. */
export function tusRoutes(deps: UploadsDeps) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>()
    // As it comes: a piece may be a gigabyte.
    app.addContentTypeParser(PIECE, (_req, payload, done) => done(null, payload))
    app.addHook('onRequest', (req, reply, done) => {
      reply.header('tus-resumable', VERSION)
      if (req.method !== 'OPTIONS' && req.headers['tus-resumable'] !== VERSION) {
        reply.header('tus-version', VERSION)
        return done(runsErrors.TUS_VERSION_UNSUPPORTED({ version: VERSION }))
      }
      done()
    })

    app.options(
      '/api/uploads/resumable',
      {
        schema: { tags: ['uploads'], summary: 'What of the tus protocol is spoken here', response: { 204: nothing } },
        config: { permission: 'anyone' },
      },
      async (_req, reply) =>
        reply
          .code(204)
          .header('tus-version', VERSION)
          .header('tus-extension', 'creation,expiration,termination')
          .header('tus-max-size', String(deps.limits.maxBytes))
          .send(),
    )
    app.post(
      '/api/uploads/resumable',
      {
        schema: {
          tags: ['uploads'],
          summary: 'Announce a file that may break off and go on',
          description:
            'The tus protocol: `Upload-Length`, and `Upload-Metadata` with `filename` and `filetype`. Pieces go to `Location` ' +
            'by PATCH. The last part of it is the id by which an input names the file once it is whole: `{"$upload": "<id>"}`.',
          response: { 201: nothing },
        },
        config: { permission: 'runs.create' },
      },
      async (req, reply) => {
        const { filename, filetype } = readMetadata(req.headers['upload-metadata'])
        const state = await beginUpload(deps, req.principal, {
          name: filename ?? 'file',
          type: filetype ?? 'application/octet-stream',
          sizeBytes: readBytes(req, 'upload-length'),
        })
        tell(reply, state)
        return reply.code(201).header('location', `/api/uploads/resumable/${state.id}`).send()
      },
    )
    app.head(
      '/api/uploads/resumable/:id',
      {
        schema: { tags: ['uploads'], summary: 'How much of a file has arrived', params, response: { 200: nothing } },
        config: { permission: 'runs.create' },
      },
      async (req, reply) => {
        tell(reply, await getUploadState(deps, req.principal, req.params.id))
        return reply.header('cache-control', 'no-store').send()
      },
    )
    app.patch(
      '/api/uploads/resumable/:id',
      {
        schema: {
          tags: ['uploads'],
          summary: 'Send the next piece of a file',
          description: `\`Content-Type: ${PIECE}\`, and \`Upload-Offset\` as HEAD told it. What arrives of a piece that breaks off is kept.`,
          params,
          response: { 204: nothing },
        },
        config: { permission: 'runs.create', body: 'long' },
      },
      async (req, reply) => {
        const offset = readBytes(req, 'upload-offset')
        if (!isStream(req.body)) throw runsErrors.TUS_HEADERS_INVALID({ problem: `Send the piece as ${PIECE}.` })
        tell(reply, await appendToUpload(deps, req.principal, req.params.id, { offset, content: req.body }))
        return reply.code(204).send()
      },
    )
    app.delete(
      '/api/uploads/resumable/:id',
      {
        schema: { tags: ['uploads'], summary: 'Give up a file that is not whole', params, response: { 204: nothing } },
        config: { permission: 'runs.create' },
      },
      async (req, reply) => {
        await giveUpUpload(deps, req.principal, req.params.id)
        return reply.code(204).send()
      },
    )
  }
}

function tell(reply: FastifyReply, { receivedBytes, sizeBytes, expiresAt }: UploadState): void {
  reply.header('upload-offset', String(receivedBytes)).header('upload-length', String(sizeBytes))
  if (expiresAt !== null) reply.header('upload-expires', expiresAt.toUTCString())
}

function readBytes(req: FastifyRequest, name: 'upload-length' | 'upload-offset'): number {
  const text = String(req.headers[name] ?? '')
  const bytes = /^\d{1,15}$/.test(text) ? Number(text) : null
  if (bytes === null) throw runsErrors.TUS_HEADERS_INVALID({ problem: `Send ${name} as a number of bytes.` })
  return bytes
}

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body
