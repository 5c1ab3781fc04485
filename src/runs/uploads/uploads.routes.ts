import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import { partsOf } from '../input-parts.ts'
import { uploadView } from './uploads.schema.ts'
import { listUploads, presentUpload, receiveUpload, removeUpload } from './uploads.ts'
import type { UploadsDeps } from './store-upload.ts'

const uploadCursor = z.object({ id: z.uuid() })

/** Files sent before a run. Registered inside the routes of runs, which have the multipart parser. */
export function uploadsRoutes(deps: UploadsDeps) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>()
    app.post(
      '/api/uploads',
      {
        schema: {
          tags: ['uploads'],
          summary: 'Upload a file for a run',
          description:
            'Multipart with one file part, streamed to the object store. An input then names it: `{"$upload": "<id>"}`.',
          response: { 201: uploadView },
        },
        config: { permission: 'runs.create', body: 'long' },
      },
      async (req, reply) => {
        const upload = await receiveUpload(deps, req.principal, partsOf(req))
        return reply.code(201).send(upload)
      },
    )
    app.get(
      '/api/uploads',
      {
        schema: {
          tags: ['uploads'],
          summary: 'List the files of the account, newest first',
          querystring: pageQuery,
          response: { 200: pageOf(uploadView) },
        },
        config: { permission: 'runs.read' },
      },
      async (req) => {
        const page = readPage(req.query, uploadCursor, uploadView)
        const rows = await listUploads(deps, req.principal, page)
        return presentPage(page, rows, presentUpload, (row) => ({ id: row.id }))
      },
    )
    app.delete(
      '/api/uploads/:id',
      {
        schema: {
          tags: ['uploads'],
          summary: 'Remove a file now',
          params: z.object({ id: z.uuid() }),
          response: { 204: z.void().describe('Gone, and its space with it') },
        },
        config: { permission: 'runs.create' },
      },
      async (req, reply) => {
        await removeUpload(deps, req.principal, req.params.id)
        return reply.code(204).send()
      },
    )
  }
}
