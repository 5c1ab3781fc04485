import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { filesErrors } from './files.errors.ts'
import type { ObjectStore } from './object-store.ts'
import { codeOf } from './system-error.ts'

/** Where a version's code stands and what it must hash to. */
export type AgentFileSource = {
  /** Key in the object store. */
  readonly fileUrl: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** Agent code near the sandboxes: memory, then the local disk. Both are keyed by the content's hash. */
export type CodeCache = Service & {
  find(sha256: string): Promise<string | null>
  keep(sha256: string, code: string): Promise<void>
  /** One load at a time for each hash: whoever comes meanwhile shares it. */
  share(sha256: string, load: () => Promise<string>): Promise<string>
  findInMemory(sha256: string): string | undefined
}

/** What {@link downloadAgentFile} reads from. */
export type AgentFiles = { readonly store: Pick<ObjectStore, 'get'>; readonly codeCache: CodeCache }

/** The code of an agent's version as ESM text (the specification's `downloadAgentFile`): memory, else the local disk,
 * else the object store. Nothing gets in without hashing to `sha256`, at whichever level it was found; a broken file on
 * the local disk is dropped and fetched again.
 * @throws FILE_NOT_FOUND, FILE_CORRUPT if the store answers other bytes, STORE_UNAVAILABLE after retries */
export async function downloadAgentFile(deps: AgentFiles, source: AgentFileSource): Promise<string> {
  const { codeCache, store } = deps
  const inMemory = codeCache.findInMemory(source.sha256)
  if (inMemory !== undefined) return inMemory
  return codeCache.share(source.sha256, async () => {
    const onDisk = await codeCache.find(source.sha256)
    if (onDisk !== null) return onDisk
    const bytes = await store.get(source.fileUrl)
    const found = sha256Of(bytes)
    if (found !== source.sha256) throw filesErrors.FILE_CORRUPT({ expected: source.sha256, found })
    const code = Buffer.from(bytes).toString('utf8')
    await codeCache.keep(source.sha256, code)
    return code
  })
}

export type CodeCacheConfig = {
  /** Folder of the local cache; made if absent. */
  readonly dir: string
  readonly maxMemoryBytes: number
  readonly maxDiskBytes: number
}

export function createCodeCache(config: CodeCacheConfig, deps: { readonly log: Logger }): CodeCache {
  const { log } = deps
  const memory = createBoundedCache<string>(config.maxMemoryBytes)
  const loads = new Map<string, Promise<string>>()
  let bytesOnDisk = 0
  const pathOf = (sha256: string): string => join(config.dir, `${sha256}.mjs`)

  async function measure(): Promise<{ path: string; sizeBytes: number; usedAtMs: number }[]> {
    const files = []
    for (const name of await readdir(config.dir)) {
      const path = join(config.dir, name)
      const facts = await stat(path).catch(() => null) // another process may have dropped it since
      if (facts?.isFile()) files.push({ path, sizeBytes: facts.size, usedAtMs: facts.mtimeMs })
    }
    return files
  }

  async function dropOldest(): Promise<void> {
    const files = (await measure()).sort((a, b) => a.usedAtMs - b.usedAtMs)
    bytesOnDisk = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    // Down to nine tenths, so that a full cache is not swept at every write.
    for (const file of files) {
      if (bytesOnDisk <= config.maxDiskBytes * 0.9) break
      await rm(file.path, { force: true })
      bytesOnDisk -= file.sizeBytes
    }
  }

  return {
    name: 'code cache',
    async start() {
      await mkdir(config.dir, { recursive: true, mode: 0o700 })
      await dropOldest()
    },
    async stop() {
      await Promise.allSettled(loads.values())
      memory.clear()
    },
    findInMemory: (sha256) => memory.get(sha256),
    async find(sha256) {
      const path = pathOf(sha256)
      let bytes: Buffer
      try {
        bytes = await readFile(path)
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') log.warn({ err: error }, 'local code cache cannot be read')
        return null
      }
      if (sha256Of(bytes) !== sha256) {
        log.error({ sha256 }, 'local code cache entry is corrupt and dropped')
        await rm(path, { force: true })
        return null
      }
      const code = bytes.toString('utf8')
      memory.set(sha256, code, bytes.byteLength)
      const now = new Date()
      await utimes(path, now, now).catch(() => {}) // only the order of eviction; the file may be gone by now
      return code
    },
    async keep(sha256, code) {
      const bytes = Buffer.from(code)
      memory.set(sha256, code, bytes.byteLength)
      const temporary = join(config.dir, `${randomUUID()}.tmp`)
      try {
        // Not flushed: after a power cut the hash tells, and the store still has it.
        await writeFile(temporary, bytes, { mode: 0o600 })
        await rename(temporary, pathOf(sha256))
        bytesOnDisk += bytes.byteLength
        if (bytesOnDisk > config.maxDiskBytes) await dropOldest()
      } catch (error) {
        // A full or read-only disk makes starts slower, not runs impossible.
        log.warn({ err: error }, 'agent code could not be kept on the local disk')
        await rm(temporary, { force: true })
      }
    },
    share(sha256, load) {
      const going = loads.get(sha256)
      if (going !== undefined) return going
      const started = load().finally(() => loads.delete(sha256))
      loads.set(sha256, started)
      return started
    },
  }
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
