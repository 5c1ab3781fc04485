import { filesErrors, type ObjectStore } from '../../files/index.ts'
import type { Database, Transaction } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import type { FileSource } from '../../sandbox/index.ts'
import { runsErrors } from '../runs.errors.ts'
import { DELETE_UPLOADS, INSERT_UPLOAD, LOCK_UPLOADS, USED_BY_UPLOADS } from './uploads.queries.ts'

export type UploadLimits = {
  /** Largest file. */
  readonly maxBytes: number
  /** What all files of an account may take together. */
  readonly quotaBytes: number
  readonly ttlMs: number
  /** How long a file that arrives in pieces is kept without a new one. */
  readonly partialTtlMs: number
}

export type UploadsDeps = {
  readonly db: Database
  readonly store: ObjectStore
  readonly limits: UploadLimits
  /** Bytes that are arriving in this process, by account: many uploads at once must not each take the whole quota. */
  readonly arriving: Map<string, number>
  /** Files that this process makes whole of their pieces, by id: who asks meanwhile waits for that. */
  readonly finishing: Map<string, Promise<void>>
}

/** A file as it arrives. */
export type IncomingFile = {
  readonly name: string
  /** Media type as the sender declared it. */
  readonly type: string
  readonly content: AsyncIterable<Uint8Array>
}

export type StoredUpload = {
  readonly id: string
  readonly key: string
  readonly sha256: string
  readonly expiresAt: Date
  readonly source: FileSource
}

/** Streams a file into the object store and books it on the account. Refused as soon as it is too large or goes beyond
 * the quota; what had arrived by then is gone.
 * @throws UPLOAD_TOO_LARGE, UPLOAD_QUOTA_EXCEEDED, UPLOAD_INCOMPLETE when its sender breaks off, STORE_UNAVAILABLE */
export async function storeUpload(deps: UploadsDeps, accountId: string, file: IncomingFile): Promise<StoredUpload> {
  const { store, limits } = deps
  const [used] = await deps.db.query(USED_BY_UPLOADS, [accountId])
  const usedBytes = Number(used?.bytes ?? 0n)
  const id = newUuidV7()
  const key = `uploads/${accountId}/${id}/content`
  const gauge: Gauge = { taken: 0, fault: null }
  try {
    const written = await store.put(key, measured(deps, accountId, usedBytes, file, gauge), {
      contentType: 'application/octet-stream',
    })
    const expiresAt = new Date(Date.now() + limits.ttlMs)
    try {
      await bookUpload(deps, accountId, { id, key, file, written, expiresAt })
    } catch (error) {
      await store.delete(key)
      throw error
    }
    const read = (offset: number, length: number) => store.readRange(key, offset, length)
    return {
      id,
      key,
      sha256: written.sha256,
      expiresAt,
      source: { name: file.name, type: file.type, sizeBytes: written.sizeBytes, read },
    }
  } catch (error) {
    // The store cannot tell its own faults from those of what it reads.
    if (gauge.fault !== null) throw gauge.fault
    throw error
  } finally {
    const left = (deps.arriving.get(accountId) ?? 0) - gauge.taken
    if (left > 0) deps.arriving.set(accountId, left)
    else deps.arriving.delete(accountId)
  }
}

type Gauge = { taken: number; fault: Error | null }

/** The content, counted against size and quota on its way. */
async function* measured(
  deps: UploadsDeps,
  accountId: string,
  usedBytes: number,
  file: IncomingFile,
  gauge: Gauge,
): AsyncGenerator<Uint8Array> {
  const { maxBytes, quotaBytes } = deps.limits
  try {
    for await (const chunk of file.content) {
      gauge.taken += chunk.byteLength
      const arriving = (deps.arriving.get(accountId) ?? 0) + chunk.byteLength
      deps.arriving.set(accountId, arriving)
      if (gauge.taken > maxBytes) throw runsErrors.UPLOAD_TOO_LARGE({ name: file.name, maxBytes })
      if (usedBytes + arriving > quotaBytes) throw runsErrors.UPLOAD_QUOTA_EXCEEDED({ quotaBytes, usedBytes })
      yield chunk
    }
  } catch (error) {
    const isOurs = error instanceof Error && 'spec' in error
    gauge.fault = isOurs ? error : runsErrors.UPLOAD_INCOMPLETE({ name: file.name }, { cause: error })
    throw gauge.fault
  }
}

type Booking = {
  readonly id: string
  readonly key: string
  readonly file: Pick<IncomingFile, 'name' | 'type'>
  readonly written: { readonly sizeBytes: number; readonly sha256: string }
  readonly expiresAt: Date
}

/** The check that counts: two uploads that end at once, in two processes, are booked one after the other.
 * @param also what commits together with it   @throws UPLOAD_QUOTA_EXCEEDED */
export async function bookUpload(
  deps: Pick<UploadsDeps, 'db' | 'limits'>,
  accountId: string,
  booking: Booking,
  also?: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const { id, key, file, written, expiresAt } = booking
  const { quotaBytes } = deps.limits
  await deps.db.transaction(async (tx) => {
    await tx.query(LOCK_UPLOADS, [accountId])
    const added = await tx.execute(INSERT_UPLOAD, [
      accountId,
      id,
      file.name,
      file.type,
      written.sizeBytes,
      written.sha256,
      key,
      expiresAt,
      quotaBytes,
    ])
    if (added === 0) throw runsErrors.UPLOAD_QUOTA_EXCEEDED({ quotaBytes })
    await also?.(tx)
  })
}

/** Removes files of an account: the object first, so that a crash in between leaves a row that the cleanup finds. */
export async function removeUploads(
  deps: Pick<UploadsDeps, 'db' | 'store'>,
  accountId: string,
  uploads: readonly { readonly id: string; readonly key: string }[],
): Promise<void> {
  if (uploads.length === 0) return
  await Promise.all(uploads.map((upload) => deps.store.delete(upload.key)))
  await deps.db.execute(DELETE_UPLOADS, [accountId, uploads.map((upload) => upload.id)])
}

/** A file that was uploaded before, as the sandbox reads it. */
export function sourceOf(
  store: ObjectStore,
  upload: { readonly name: string; readonly type: string; readonly sizeBytes: bigint; readonly objectKey: string },
): FileSource {
  const { name, type, objectKey } = upload
  if (upload.sizeBytes > BigInt(Number.MAX_SAFE_INTEGER)) throw filesErrors.FILE_CORRUPT({ expected: 'a size' })
  const read = (offset: number, length: number) => store.readRange(objectKey, offset, length)
  return { name, type, sizeBytes: Number(upload.sizeBytes), read }
}
