import { newUuidV7 } from '../../../platform/ids.ts'
import { authorize, type Principal } from '../../../users/index.ts'
import { runsErrors } from '../../runs.errors.ts'
import { bookUpload, type UploadsDeps } from '../store-upload.ts'
import { FIND_UPLOADS, LOCK_UPLOADS } from '../uploads.queries.ts'
import { cutIntoParts } from './cut-into-parts.ts'
import {
  ACCEPT_PART,
  ANNOUNCE_PART,
  DELETE_EXPIRED_PARTIALS,
  DELETE_PART,
  DELETE_PARTIAL,
  FIND_LEFT_PARTS,
  FIND_PARTIAL,
  INSERT_PARTIAL,
  LIST_PARTS,
  type PartialRow,
  type PartRow,
} from './resumable.queries.ts'

export type UploadState = {
  readonly id: string
  readonly receivedBytes: number
  readonly sizeBytes: number
  /** Null once the file is whole: then it is an upload like any other. */
  readonly expiresAt: Date | null
}

/** What a process that dies takes with it of a piece; and what a piece costs, one object and two statements. */
const PART_BYTES = 8_388_608
const READ_BYTES = 1_048_576
const AT_ONCE = 500

/** Announces a file that comes in pieces. Its whole size is set aside in the account's quota.
 * @throws FORBIDDEN, UPLOAD_TOO_LARGE, UPLOAD_QUOTA_EXCEEDED */
export async function beginUpload(
  deps: UploadsDeps,
  principal: Principal,
  file: { readonly name: string; readonly type: string; readonly sizeBytes: number },
): Promise<UploadState> {
  authorize(principal, 'runs.create')
  const { maxBytes, quotaBytes } = deps.limits
  if (file.sizeBytes > maxBytes) throw runsErrors.UPLOAD_TOO_LARGE({ name: file.name, maxBytes })
  const id = newUuidV7()
  const { accountId } = principal
  const expiresAt = partialExpiry(deps)
  await deps.db.transaction(async (tx) => {
    await tx.query(LOCK_UPLOADS, [accountId])
    const values = [accountId, id, file.name, file.type, file.sizeBytes, expiresAt, quotaBytes]
    if ((await tx.execute(INSERT_PARTIAL, values)) === 0) throw runsErrors.UPLOAD_QUOTA_EXCEEDED({ quotaBytes })
  })
  return getUploadState(deps, principal, id)
}

/** How much has arrived. A file whose last piece arrived without becoming whole (its process died) becomes so now.
 * @throws FORBIDDEN, UPLOAD_NOT_FOUND also for one of somebody else */
export async function getUploadState(deps: UploadsDeps, principal: Principal, id: string): Promise<UploadState> {
  authorize(principal, 'runs.create')
  const { accountId } = principal
  const [row] = await deps.db.query(FIND_PARTIAL, [accountId, id])
  if (row === undefined) return stateOfWhole(deps, accountId, id)
  const { receivedBytes, sizeBytes, expiresAt } = row
  if (receivedBytes < sizeBytes)
    return { id, receivedBytes: Number(receivedBytes), sizeBytes: Number(sizeBytes), expiresAt }
  await finishOnce(deps, accountId, row)
  return stateOfWhole(deps, accountId, id)
}

async function stateOfWhole(deps: UploadsDeps, accountId: string, id: string): Promise<UploadState> {
  const [whole] = await deps.db.query(FIND_UPLOADS, [accountId, [id]])
  if (whole === undefined) throw runsErrors.UPLOAD_NOT_FOUND({ uploadId: id })
  const sizeBytes = Number(whole.sizeBytes)
  return { id, receivedBytes: sizeBytes, sizeBytes, expiresAt: null }
}

/** Takes the next piece of a file, as far as it comes: what arrives before a connection breaks is kept. The last byte
 * makes the file whole.
 * @throws FORBIDDEN, UPLOAD_NOT_FOUND, UPLOAD_OFFSET_CONFLICT, UPLOAD_TOO_LARGE beyond what was announced,
 * UPLOAD_INCOMPLETE when its sender breaks off, STORE_UNAVAILABLE */
export async function appendToUpload(
  deps: UploadsDeps,
  principal: Principal,
  id: string,
  piece: { readonly offset: number; readonly content: AsyncIterable<Uint8Array> },
): Promise<UploadState> {
  const state = await getUploadState(deps, principal, id)
  const conflict = (receivedBytes: number) => runsErrors.UPLOAD_OFFSET_CONFLICT({ received: receivedBytes })
  if (piece.offset !== state.receivedBytes) throw conflict(state.receivedBytes)
  const { accountId } = principal
  let offset = piece.offset
  const parts = cutIntoParts(piece.content, PART_BYTES)
  for (let part = await parts.next(); part !== null; part = await parts.next()) {
    const partId = newUuidV7()
    const key = `uploads/${accountId}/${id}/part-${partId}`
    await deps.db.execute(ANNOUNCE_PART, [accountId, partId, id, offset, key])
    try {
      const within = bounded(part, state.sizeBytes - offset, deps.limits.maxBytes)
      const { sizeBytes } = await deps.store.put(key, within, { contentType: 'application/octet-stream' })
      const values = [accountId, id, partId, offset, sizeBytes, partialExpiry(deps)]
      if ((await deps.db.execute(ACCEPT_PART, values)) === 0)
        throw conflict((await getUploadState(deps, principal, id)).receivedBytes)
      offset += sizeBytes
    } catch (error) {
      // Nobody's part. What cannot be removed now, its row names until the cleanup comes by.
      await removePart(deps, accountId, { id: partId, objectKey: key }).catch(() => undefined)
      throw error
    }
  }
  const fault = parts.fault()
  if (fault !== null) throw runsErrors.UPLOAD_INCOMPLETE({ name: id }, { cause: fault })
  return getUploadState(deps, principal, id)
}

/** More than was announced is refused, not cut: it would be another file than its sender means. */
async function* bounded(
  content: AsyncIterable<Uint8Array>,
  left: number,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0
  for await (const chunk of content) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > left) throw runsErrors.UPLOAD_TOO_LARGE({ name: 'the file', maxBytes })
    yield chunk
  }
}

/** Gives a file up that has not arrived whole. @throws FORBIDDEN, UPLOAD_NOT_FOUND */
export async function giveUpUpload(deps: UploadsDeps, principal: Principal, id: string): Promise<void> {
  authorize(principal, 'runs.create')
  const { accountId } = principal
  if ((await deps.db.execute(DELETE_PARTIAL, [accountId, id])) === 0)
    throw runsErrors.UPLOAD_NOT_FOUND({ uploadId: id })
  for (const part of await deps.db.query(LIST_PARTS, [accountId, id])) await removePart(deps, accountId, part)
}

/** A file of a gigabyte takes its time to be made whole, and whoever sent it may ask again meanwhile, as often as they like:
 * in this process it is made once. */
function finishOnce(deps: UploadsDeps, accountId: string, partial: PartialRow): Promise<void> {
  let going = deps.finishing.get(partial.id)
  if (going === undefined) {
    going = finish(deps, accountId, partial).finally(() => deps.finishing.delete(partial.id))
    deps.finishing.set(partial.id, going)
  }
  return going
}

/** Makes one object of the parts and books it, then lets the parts go. May be done twice, also at once: the object is the
 * same, the row is inserted once, and whoever comes second finds it. */
async function finish(deps: UploadsDeps, accountId: string, partial: PartialRow): Promise<void> {
  const { id, name, type } = partial
  // It may have become whole since its row was read.
  if ((await deps.db.query(FIND_UPLOADS, [accountId, [id]])).length > 0) return
  const parts = await deps.db.query(LIST_PARTS, [accountId, id])
  const key = `uploads/${accountId}/${id}/content`
  const content = contentOf(deps, parts)
  try {
    const written = await deps.store.put(key, content, { contentType: 'application/octet-stream' })
    const expiresAt = new Date(Date.now() + deps.limits.ttlMs)
    await bookUpload(deps, accountId, { id, key, file: { name, type }, written, expiresAt }, async (tx) => {
      await tx.execute(DELETE_PARTIAL, [accountId, id])
    })
  } catch (error) {
    const [whole] = await deps.db.query(FIND_UPLOADS, [accountId, [id]])
    if (whole === undefined) throw error
  }
  for (const part of parts) await removePart(deps, accountId, part)
}

async function* contentOf(deps: UploadsDeps, parts: readonly PartRow[]): AsyncGenerator<Uint8Array> {
  for (const { objectKey, sizeBytes } of parts) {
    for (let at = 0; at < Number(sizeBytes ?? 0n);) {
      const bytes = await deps.store.readRange(objectKey, at, READ_BYTES)
      if (bytes.byteLength === 0) throw new Error(`a part of an upload ended early: ${objectKey}`)
      at += bytes.byteLength
      yield bytes
    }
  }
}

async function removePart(
  deps: Pick<UploadsDeps, 'db' | 'store'>,
  accountId: string,
  { id, objectKey }: Pick<PartRow, 'id' | 'objectKey'>,
): Promise<void> {
  await deps.store.delete(objectKey)
  await deps.db.execute(DELETE_PART, [accountId, id])
}

const partialExpiry = (deps: UploadsDeps): Date => new Date(Date.now() + deps.limits.partialTtlMs)

/** Removes files that nobody went on with, and parts that are nobody's. @returns how many parts */
export async function removeLeftParts(
  deps: Pick<UploadsDeps, 'db'> & { readonly store: Pick<UploadsDeps['store'], 'delete'> },
  signal: AbortSignal,
): Promise<number> {
  await deps.db.execute(DELETE_EXPIRED_PARTIALS)
  let removed = 0
  for (let found = AT_ONCE; found === AT_ONCE && !signal.aborted;) {
    const left = await deps.db.query(FIND_LEFT_PARTS, [AT_ONCE])
    found = left.length
    for (const { accountId, id, objectKey } of left) {
      signal.throwIfAborted()
      await deps.store.delete(objectKey)
      removed += await deps.db.execute(DELETE_PART, [accountId, id])
    }
  }
  return removed
}
