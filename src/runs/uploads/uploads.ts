import type { Page } from '../../http/index.ts'
import { authorize, type Principal } from '../../users/index.ts'
import type { InputPart } from '../input-parts.ts'
import { runsErrors } from '../runs.errors.ts'
import { removeUploads, storeUpload, type UploadsDeps } from './store-upload.ts'
import { FIND_UPLOADS, LIST_UPLOADS, type UploadRow } from './uploads.queries.ts'
import type { UploadView } from './uploads.schema.ts'

/** Takes one file in and keeps it until it expires.
 * @throws FORBIDDEN, UPLOAD_INVALID unless there is exactly one file, and what {@link storeUpload} throws */
export async function receiveUpload(
  deps: UploadsDeps,
  principal: Principal,
  parts: AsyncIterable<InputPart>,
): Promise<UploadView> {
  authorize(principal, 'runs.create')
  let stored: Awaited<ReturnType<typeof storeUpload>> | undefined
  try {
    for await (const part of parts) {
      if (part.kind === 'field') continue
      if (stored !== undefined) throw runsErrors.UPLOAD_INVALID({ problem: 'There is more than one file.' })
      const file = { name: part.fileName, type: part.type, content: part.content }
      stored = await storeUpload(deps, principal.accountId, file)
      if (part.wasCut()) throw runsErrors.UPLOAD_TOO_LARGE({ name: part.fileName, maxBytes: deps.limits.maxBytes })
    }
  } catch (error) {
    if (stored !== undefined) await removeUploads(deps, principal.accountId, [stored])
    throw error
  }
  if (stored === undefined) throw runsErrors.UPLOAD_INVALID({ problem: 'There is no file part.' })
  const { id, sha256, expiresAt, source } = stored
  const { name, type, sizeBytes } = source
  return { id, name, type, sizeBytes, sha256, expiresAt: expiresAt.toISOString() }
}

/** @returns up to `page.take` rows @throws FORBIDDEN */
export async function listUploads(
  deps: Pick<UploadsDeps, 'db'>,
  principal: Principal,
  page: Page<{ readonly id: string }>,
): Promise<UploadRow[]> {
  authorize(principal, 'runs.read')
  return deps.db.query(LIST_UPLOADS, [principal.accountId, page.after?.id ?? null, page.take])
}

/** @throws FORBIDDEN, UPLOAD_NOT_FOUND also for one of somebody else */
export async function removeUpload(
  deps: Pick<UploadsDeps, 'db' | 'store'>,
  principal: Principal,
  uploadId: string,
): Promise<void> {
  authorize(principal, 'runs.create')
  const [row] = await deps.db.query(FIND_UPLOADS, [principal.accountId, [uploadId]])
  if (row === undefined) throw runsErrors.UPLOAD_NOT_FOUND({ uploadId })
  await removeUploads(deps, principal.accountId, [{ id: row.id, key: row.objectKey }])
}

export function presentUpload(row: UploadRow): UploadView {
  const { id, name, type, sizeBytes, sha256, expiresAt } = row
  return { id, name, type, sizeBytes: Number(sizeBytes), sha256, expiresAt: expiresAt?.toISOString() ?? null }
}
