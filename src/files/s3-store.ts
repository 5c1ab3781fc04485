import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
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

type Call = (signal: AbortSignal, client: S3Client) => Promise<unknown>

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
    const write: Call = (abortSignal, s3) =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: spool.open(),
          ContentLength: spool.sizeBytes,
          ContentType: contentType,
          Metadata: { sha256: spool.sha256 },
          IfNoneMatch: '*',
        }),
        { abortSignal },
      )
    try {
      await call(key, write)
    } catch (error) {
      // Someone wrote the key since we looked, or our own first try arrived and only its answer was lost.
      if (!(error instanceof EnhancedAppError) || error.code !== 'FILE_EXISTS') throw error
      const winner = await findStored(key)
      if (winner === null) throw error
      return sameOrRefused(winner, stored)
    }
    return stored
  }

  const store: ObjectStore & Service = {
    name: 'object store (s3)',
    driver: 's3',
    async start() {
      await store.check()
      await switchVersioningOn(bucket, call, log)
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
    async check() {
      await call('', (abortSignal, s3) => s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }))
    },
  }
  return store
}

function clientConfig(config: S3StoreConfig): S3ClientConfig {
  const { accessKeyId, secretAccessKey, endpoint } = config
  return {
    region: config.region,
    // Retries are resilience.ts's alone: two layers of them multiply.
    maxAttempts: 1,
    // Trailing checksums in chunks are refused or stored as content by several S3-compatible servers; we check SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
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

type Spool = {
  readonly sizeBytes: number
  readonly sha256: string
  /** The content from its beginning, for each try anew. */
  readonly open: () => Uint8Array | ReturnType<typeof createReadStream>
  readonly remove: () => Promise<void>
}

/** S3 wants the length first and a retry wants the content again: a stream goes by way of a temporary file. */
async function spoolContent(content: ObjectContent): Promise<Spool> {
  if (content instanceof Uint8Array)
    return { sizeBytes: content.byteLength, sha256: sha256Of(content), open: () => content, remove: async () => {} }
  const path = join(tmpdir(), `bureau-spool-${randomUUID()}`)
  const hash = createHash('sha256')
  let sizeBytes = 0
  const remove = (): Promise<void> => rm(path, { force: true })
  try {
    await pipeline(
      content,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          sizeBytes += chunk.byteLength
          yield chunk
        }
      },
      createWriteStream(path, { mode: 0o600, flags: 'wx' }),
    )
  } catch (error) {
    await remove()
    throw error
  }
  return { sizeBytes, sha256: hash.digest('hex'), open: () => createReadStream(path), remove }
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
