import { ConfigError } from '../platform/config.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { createDiskStore } from './disk-store.ts'
import type { FilesConfig } from './files.options.ts'
import { createS3Store } from './s3-store.ts'

export type ObjectContent = Uint8Array | AsyncIterable<Uint8Array>

export type StoredObject = {
  readonly sizeBytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** Where bytes stand under keys that are written once. Every method throws `STORE_UNAVAILABLE` when the store does
 * not answer after retries, and `FILE_NAME_INVALID` for a key that is not plain. */
export type ObjectStore = {
  readonly driver: 'disk' | 's3'
  /** Writes an object whole or not at all. The same content again is a success; another is refused.
   * @param facts.sha256 what the content must hash to, where the writer knows
   * @throws FILE_EXISTS, FILE_CORRUPT if the content does not hash to `sha256` */
  put(
    key: string,
    content: ObjectContent,
    facts: { readonly contentType: string; readonly sha256?: string },
  ): Promise<StoredObject>
  /** @throws FILE_NOT_FOUND */
  get(key: string): Promise<Uint8Array>
  /** At most `length` bytes from `offset` on; fewer, or none, at the end. @throws FILE_NOT_FOUND */
  readRange(key: string, offset: number, length: number): Promise<Uint8Array>
  exists(key: string): Promise<boolean>
  /** Removes the object; one that is not there is a success. */
  delete(key: string): Promise<void>
  /** Removes what dead processes left half written. At the start and now and then: a site that runs for a year has other
   * processes that died meanwhile. What is young may be a living one's and stays.
   * @returns how much of it there was */
  dropLeftovers(): Promise<number>
  /** Resolves if the store can be written and read now. */
  check(): Promise<void>
}

/** The store that the configuration asks for: `s3` with a bucket, otherwise `disk` under the data directory.
 * @throws ConfigError for a combination that would silently do nothing */
export function createObjectStore(
  config: FilesConfig & { readonly dataDir: string },
  deps: { readonly log: Logger },
): ObjectStore & Service {
  const problems: string[] = []
  if (config.endpoint !== undefined && config.bucket === undefined)
    problems.push('S3_ENDPOINT is set without S3_BUCKET_NAME: nothing would be stored there')
  if ((config.accessKeyId === undefined) !== (config.secretAccessKey === undefined))
    problems.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both or none')
  if (problems.length > 0) throw new ConfigError(problems)
  return config.bucket === undefined
    ? createDiskStore({ dir: `${config.dataDir}/objects` })
    : createS3Store({ ...config, bucket: config.bucket }, deps)
}
