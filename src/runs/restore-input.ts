import { z } from 'zod'
import type { ObjectStore } from '../files/index.ts'
import { decodeBlob } from '../platform/blob.ts'
import type { Queryable } from '../platform/database.ts'
import type { AgentInput } from '../sandbox/index.ts'
import { sourceOf } from './uploads/store-upload.ts'
import { FIND_UPLOADS } from './uploads/uploads.queries.ts'

export type RestoreInputDeps = { readonly db: Queryable; readonly store: ObjectStore }

/** How a stored input refers to a file that came with it (receive-input.ts). */
const fileReference = z.looseObject({ $file: z.string(), uploadId: z.uuid() })

/** A run's input as it was given to the sandbox, made anew from its row.
 * @returns null where a file of it is no longer kept */
export async function restoreInput(
  deps: RestoreInputDeps,
  accountId: string,
  blob: Buffer | null,
): Promise<{ readonly value: unknown; readonly input: AgentInput } | null> {
  const json = blob === null ? Buffer.from('{}') : decodeBlob(blob)
  const value: unknown = JSON.parse(json.toString('utf8'))
  const references = json.includes('"$file"') ? referencesIn(value) : new Map<string, string>()
  if (references.size === 0) return { value, input: { json, files: new Map() } }
  // By account too: an input is the caller's word, and may name the upload of somebody else.
  const uploads = await deps.db.query(FIND_UPLOADS, [accountId, [...new Set(references.values())]])
  const byId = new Map(uploads.map((upload) => [upload.id, upload]))
  const files = new Map<string, ReturnType<typeof sourceOf>>()
  for (const [key, uploadId] of references) {
    const upload = byId.get(uploadId)
    if (upload === undefined) return null
    files.set(key, sourceOf(deps.store, upload))
  }
  return { value, input: { json, files } }
}

/** Upload by key, wherever it stands in the input. */
function referencesIn(value: unknown): Map<string, string> {
  const found = new Map<string, string>()
  const open: unknown[] = [value]
  while (open.length > 0) {
    const part = open.pop()
    if (typeof part !== 'object' || part === null) continue
    const reference = fileReference.safeParse(part)
    if (reference.success) found.set(reference.data.$file, reference.data.uploadId)
    else open.push(...Object.values(part))
  }
  return found
}
