import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'

/** A part of a multipart request, in the order of its arrival. */
export type InputPart =
  | {
      readonly kind: 'field'
      readonly name: string
      readonly value: string
      /** It was longer than is taken, and its end is missing. */
      readonly isCut: boolean
    }
  | {
      readonly kind: 'file'
      readonly name: string
      readonly fileName: string
      readonly type: string
      readonly content: Readable
      /** Asked once `content` has ended: was it cut at the size limit? */
      readonly wasCut: () => boolean
    }

/** The parts of a multipart request as they arrive. What nobody wants any more once a part was refused is read and
 * dropped: left lying, it would stand before the next request of the connection for ever. */
export async function* partsOf(req: FastifyRequest): AsyncGenerator<InputPart> {
  try {
    for await (const part of req.parts()) {
      if (part.type === 'field')
        yield {
          kind: 'field',
          name: part.fieldname,
          value: typeof part.value === 'string' ? part.value : JSON.stringify(part.value),
          isCut: part.valueTruncated,
        }
      else
        yield {
          kind: 'file',
          name: part.fieldname,
          fileName: part.filename,
          type: part.mimetype,
          content: part.file,
          wasCut: () => part.file.truncated,
        }
    }
  } finally {
    req.raw.unpipe()
    req.raw.resume()
  }
}
