import { createHash, randomUUID } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { EnhancedAppError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { createResilience } from '../platform/resilience.ts'
import type { Service } from '../platform/service.ts'
import { filesErrors } from './files.errors.ts'
import { checkObjectKey } from './object-key.ts'
import type { ObjectContent, ObjectStore, StoredObject } from './object-store.ts'

export type S3StoreConfig = {
  readonly bucket: string
  readonly region: string
  readonly endpoint?: string | undefined
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | undefined
}

/** What goes over in one request. A larger object goes in parts of this size: each has its own deadline and its own
 * retries, so that how large a file may be does not hang on how fast the line is. */
const PART_BYTES = 8_388_608
const MOST_PARTS = 10_000
const READ_BYTES = 262_144
/** What a killed process left half written is nobody's after a day; a younger one may be another process's. */
const LEFTOVER_MS = 86_400_000

/** Objects in a bucket of AWS S3 or a server that speaks its protocol. Few servers have both conditional writes and
 * versioning, so nothing leans on them: a key is looked at before it is written, `If-None-Match` closes the race where
 * the server honours it, and every reader checks the hash that the writer recorded. */
export function createS3Store(config: S3StoreConfig, deps: { readonly log: Logger }): ObjectStore & Service {
  const { bucket } = config
  const { log } = deps
  let client: S3Client | undefined
  const resilience = createResilience(deps, {
    name: 's3',
    attempts: 4,
    firstDelayMs: 100,
    maxDelayMs: 2_000,
    timeoutMs: 30_000,
    breakerFailures: 8,
    breakerResetMs: 5_000,
    isTransient: (error) => !isAnswer(error),
  })

  /** Every call goes this way: deadline, retries, breaker, coded errors. */
  async function call<T>(key: string, operation: (signal: AbortSignal, client: S3Client) => Promise<T>): Promise<T> {
    client ??= new S3Client(clientConfig(config))
    const opened = client
    try {
      return await resilience.run((signal) => operation(signal, opened))
    } catch (error) {
      throw storeError(error, key)
    }
  }

  async function findStored(key: string): Promise<StoredObject | null> {
    try {
      const head = await call(key, (abortSignal, s3) =>
        s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
      )
      const recorded = head.Metadata?.['sha256']
      if (recorded !== undefined && head.ContentLength !== undefined)
        return { sizeBytes: head.ContentLength, sha256: recorded }
      const bytes = await store.get(key)
      return { sizeBytes: bytes.byteLength, sha256: sha256Of(bytes) }
    } catch (error) {
      if (error instanceof EnhancedAppError && error.code === 'FILE_NOT_FOUND') return null
      throw error
    }
  }

  async function putSpooled(key: string, spool: Spool, contentType: string): Promise<StoredObject> {
    const stored = { sizeBytes: spool.sizeBytes, sha256: spool.sha256 }
    const found = await findStored(key)
    if (found !== null) return sameOrRefused(found, stored)
    try {
      await (spool.sizeBytes > PART_BYTES ? writeParts : writeWhole)(key, spool, contentType)
    } catch (error) {
      // Someone wrote the key since we looked, or our own first try arrived and only its answer was lost.
      const winner = await findStored(key)
      if (winner === null) throw error
      return sameOrRefused(winner, stored)
    }
    return stored
  }

  async function writeWhole(key: string, spool: Spool, contentType: string): Promise<void> {
    await call(key, (abortSignal, s3) =>
      sending(spool, 0, spool.sizeBytes, (Body) =>
        s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body,
            ContentLength: spool.sizeBytes,
            ContentType: contentType,
            Metadata: { sha256: spool.sha256 },
            IfNoneMatch: '*',
          }),
          { abortSignal },
        ),
      ),
    )
  }

  /** There is no object until the last request; what was sent for one that fails is taken back. */
  async function writeParts(key: string, spool: Spool, contentType: string): Promise<void> {
    const { UploadId } = await call(key, (abortSignal, s3) =>
      s3.send(
        new CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ContentType: contentType,
          Metadata: { sha256: spool.sha256 },
        }),
        { abortSignal },
      ),
    )
    const upload = { Bucket: bucket, Key: key, UploadId }
    const partBytes = Math.max(PART_BYTES, Math.ceil(spool.sizeBytes / MOST_PARTS))
    try {
      const Parts: { ETag: string | undefined; PartNumber: number }[] = []
      for (let from = 0; from < spool.sizeBytes; from += partBytes) {
        const ContentLength = Math.min(partBytes, spool.sizeBytes - from)
        const PartNumber = Parts.length + 1
        const { ETag } = await call(key, (abortSignal, s3) =>
          sending(spool, from, ContentLength, (Body) =>
            s3.send(new UploadPartCommand({ ...upload, PartNumber, Body, ContentLength }), { abortSignal }),
          ),
        )
        Parts.push({ ETag, PartNumber })
      }
      await call(key, (abortSignal, s3) =>
        s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, IfNoneMatch: '*' }), {
          abortSignal,
        }),
      )
    } catch (error) {
      // Where this fails too, the next clean-up finds it.
      await call(key, (abortSignal, s3) => s3.send(new AbortMultipartUploadCommand(upload), { abortSignal })).catch(
        () => undefined,
      )
      // The key is ours to write: what was not found is the upload, which the store has dropped.
      const isDropped = error instanceof EnhancedAppError && error.code === 'FILE_NOT_FOUND'
      throw isDropped ? filesErrors.STORE_UNAVAILABLE({ reason: 'NoSuchUpload' }, { cause: error }) : error
    }
  }

  const store: ObjectStore & Service = {
    name: 'object store (s3)',
    driver: 's3',
    async start() {
      await store.check()
      await switchVersioningOn(bucket, call, log)
      await store.dropLeftovers()
    },
    async stop() {
      client?.destroy()
      client = undefined
    },
    async put(key, content, facts) {
      checkObjectKey(key)
      const spool = await spoolContent(content)
      try {
        if (facts.sha256 !== undefined && facts.sha256 !== spool.sha256)
          throw filesErrors.FILE_CORRUPT({ expected: facts.sha256, found: spool.sha256 })
        return await putSpooled(key, spool, facts.contentType)
      } finally {
        await spool.remove()
      }
    },
    async get(key) {
      checkObjectKey(key)
      return call(key, async (abortSignal, s3) => {
        const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })
        return (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
      })
    },
    async readRange(key, offset, length) {
      checkObjectKey(key)
      const Range = `bytes=${offset}-${offset + length - 1}`
      return call(key, async (abortSignal, s3) => {
        try {
          const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }), { abortSignal })
          return (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
        } catch (error) {
          if (error instanceof S3ServiceException && error.name === 'InvalidRange') return new Uint8Array()
          throw error
        }
      })
    },
    async exists(key) {
      checkObjectKey(key)
      return (await findStored(key)) !== null
    },
    async delete(key) {
      checkObjectKey(key)
      await call(key, (abortSignal, s3) =>
        s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
      )
    },
    dropLeftovers: () => dropLeftovers(bucket, call, log),
    async check() {
      await call('', (abortSignal, s3) => s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }))
    },
  }
  return store
}

const ignore = (): void => undefined

function clientConfig(config: S3StoreConfig): S3ClientConfig {
  const { accessKeyId, secretAccessKey, endpoint } = config
  return {
    region: config.region,
    // Retries are resilience.ts's alone: two layers of them multiply.
    maxAttempts: 1,
    // Trailing checksums in chunks are refused or stored as content by several S3-compatible servers; we check SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Otherwise it writes to standard error, between our lines, of tries that fail; resilience.ts tells of those.
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  }
}

/** Best effort: our keys are versions already, so a store without versioning loses only the undo of a deletion. */
async function switchVersioningOn(
  bucket: string,
  call: <T>(key: string, operation: (signal: AbortSignal, client: S3Client) => Promise<T>) => Promise<T>,
  log: Logger,
): Promise<void> {
  try {
    const now = await call('', (abortSignal, s3) =>
      s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), { abortSignal }),
    )
    if (now.Status === 'Enabled') return
    await call('', (abortSignal, s3) =>
      s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }), {
        abortSignal,
      }),
    )
    log.info({ bucket }, 'bucket versioning switched on')
  } catch (error) {
    log.warn({ bucket, err: error }, 'bucket versioning could not be switched on')
  }
}

/** Best effort: parts that were sent by a process that is dead cost room in the bucket and are seen in no list of it. */
async function dropLeftovers(
  bucket: string,
  call: <T>(key: string, operation: (signal: AbortSignal, client: S3Client) => Promise<T>) => Promise<T>,
  log: Logger,
): Promise<number> {
  const before = Date.now() - LEFTOVER_MS
  let dropped = 0
  try {
    for (let KeyMarker: string | undefined, UploadIdMarker: string | undefined, isMore = true; isMore;) {
      const found = await call('', (abortSignal, s3) =>
        s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, KeyMarker, UploadIdMarker }), { abortSignal }),
      )
      for (const { Key, UploadId, Initiated } of found.Uploads ?? []) {
        if (Key === undefined || Initiated === undefined || Initiated.getTime() > before) continue
        await call(Key, (abortSignal, s3) =>
          s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }), { abortSignal }),
        )
        dropped += 1
      }
      KeyMarker = found.NextKeyMarker
      UploadIdMarker = found.NextUploadIdMarker
      isMore = found.IsTruncated === true && KeyMarker !== undefined
    }
  } catch (error) {
    log.warn({ bucket, err: error }, 'unfinished uploads to the bucket could not be looked for')
  }
  if (dropped > 0) log.info({ bucket, dropped }, 'unfinished uploads of a dead process were dropped from the bucket')
  return dropped
}

type Spool = {
  readonly sizeBytes: number
  readonly sha256: string
  /** A stretch of the content, for each try anew. */
  readonly open: (from: number, sizeBytes: number) => Uint8Array | Readable
  readonly remove: () => Promise<void>
}

/** S3 wants the length first and a retry wants the content again: a stream goes by way of a temporary file. It has no
 * name while it is written and read, so that a process that is killed leaves nothing of it. */
async function spoolContent(content: ObjectContent): Promise<Spool> {
  if (content instanceof Uint8Array) {
    const open = (from: number, sizeBytes: number) => content.subarray(from, from + sizeBytes)
    return { sizeBytes: content.byteLength, sha256: sha256Of(content), open, remove: async () => {} }
  }
  const path = join(tmpdir(), `bureau-spool-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    await rm(path)
    for await (const chunk of content) {
      hash.update(chunk)
      sizeBytes += chunk.byteLength
      await file.writeFile(chunk)
    }
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    sizeBytes,
    sha256: hash.digest('hex'),
    open: (from, length) => Readable.from(piecesOf(file, from, length), { objectMode: false }),
    remove: () => file.close(),
  }
}

/** Not the file's own stream, which closes the file with itself: the next part and the next try read it again. */
async function* piecesOf(file: FileHandle, from: number, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < from + sizeBytes;) {
    const buffer = Buffer.alloc(Math.min(READ_BYTES, from + sizeBytes - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, at)
    if (bytesRead === 0) throw new Error('the temporary file of an object is shorter than it was written')
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** A stretch of the content as the body of one try, of which nothing is open afterwards. */
async function sending<T>(
  spool: Spool,
  from: number,
  sizeBytes: number,
  send: (body: Uint8Array | Readable) => Promise<T>,
): Promise<T> {
  const body = sizeBytes === 0 ? new Uint8Array() : spool.open(from, sizeBytes)
  try {
    return await send(body)
  } finally {
    if (!(body instanceof Uint8Array)) body.destroy()
  }
}

function sameOrRefused(found: StoredObject, wanted: StoredObject): StoredObject {
  if (found.sha256 !== wanted.sha256) throw filesErrors.FILE_EXISTS()
  return found
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Did the store understand and decide (4xx), so that the same call would get the same answer? */
function isAnswer(error: unknown): boolean {
  if (error instanceof EnhancedAppError) return true
  if (!(error instanceof S3ServiceException)) return false
  const status = error.$metadata.httpStatusCode ?? 500
  // 409 ConditionalRequestConflict: two conditional writes at once; the loser is to try again.
  return status < 500 && ![408, 409, 429].includes(status) && error.name !== 'SlowDown'
}

function storeError(error: unknown, key: string): EnhancedAppError {
  if (error instanceof EnhancedAppError) return error
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode
    if (key !== '' && (status === 404 || error.name === 'NoSuchKey' || error.name === 'NotFound'))
      return filesErrors.FILE_NOT_FOUND({ name: key.split('/').at(-1) }, { cause: error })
    if (status === 412 || error.name === 'PreconditionFailed') return filesErrors.FILE_EXISTS({}, { cause: error })
  }
  return filesErrors.STORE_UNAVAILABLE({ reason: error instanceof Error ? error.name : 'unknown' }, { cause: error })
}
