import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rm, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EnhancedAppError } from '../platform/errors.ts'
import type { Service } from '../platform/service.ts'
import { filesErrors } from './files.errors.ts'
import { checkObjectKey } from './object-key.ts'
import type { ObjectContent, ObjectStore, StoredObject } from './object-store.ts'
import { codeOf } from './system-error.ts'

const LEFTOVER_MS = 3_600_000
const LINK_TRIES = 20

/** Objects as files under one directory, for one machine or a shared file system.
 * A write goes to a temporary file that is flushed and then linked under its key: the link is refused where a file
 * stands, so two writers cannot both win (a rename would silently replace the first), and a reader never meets half. */
export function createDiskStore(config: { readonly dir: string }): ObjectStore & Service {
  const temporaryDir = join(config.dir, '.tmp')
  const pathOf = (key: string): string => join(config.dir, checkObjectKey(key))

  const store: ObjectStore & Service = {
    name: 'object store (disk)',
    driver: 'disk',
    async start() {
      await mkdir(temporaryDir, { recursive: true, mode: 0o700 })
      await store.dropLeftovers()
    },
    async stop() {},
    async put(key, content, facts) {
      const path = pathOf(key)
      const temporary = join(temporaryDir, randomUUID())
      try {
        const stored = await writeFlushed(temporary, content)
        if (facts.sha256 !== undefined && facts.sha256 !== stored.sha256)
          throw filesErrors.FILE_CORRUPT({ expected: facts.sha256, found: stored.sha256 })
        await linkOnce(temporary, path, stored)
        return stored
      } catch (error) {
        throw storeError(error, key)
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async get(key) {
      return readFile(pathOf(key)).catch((error: unknown) => {
        throw storeError(error, key)
      })
    },
    async readRange(key, offset, length) {
      let file: FileHandle | undefined
      try {
        file = await open(pathOf(key), 'r')
        const { size } = await file.stat()
        const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)))
        if (bytes.length > 0) await file.read(bytes, 0, bytes.length, offset)
        return bytes
      } catch (error) {
        throw storeError(error, key)
      } finally {
        await file?.close()
      }
    },
    async exists(key) {
      try {
        return (await stat(pathOf(key))).isFile()
      } catch (error) {
        if (isAbsent(error)) return false
        throw storeError(error, key)
      }
    },
    async delete(key) {
      const path = pathOf(key)
      await rm(path, { force: true }).catch((error: unknown) => {
        throw storeError(error, key)
      })
      await dropEmptyFolders(join(config.dir), dirname(path))
    },
    dropLeftovers: () => dropLeftovers(temporaryDir),
    async check() {
      const probe = join(temporaryDir, `probe-${randomUUID()}`)
      try {
        await writeFlushed(probe, Buffer.from('probe'))
        await unlink(probe)
      } catch (error) {
        throw filesErrors.STORE_UNAVAILABLE({ reason: codeOf(error) }, { cause: error })
      }
    },
  }
  return store
}

/** Each run and each upload has folders of its own, which would stay for ever. A folder that is not empty, or that somebody
 * else has just removed, ends it. */
async function dropEmptyFolders(root: string, from: string): Promise<void> {
  for (let folder = from; folder.startsWith(`${root}/`) && folder !== root; folder = dirname(folder)) {
    const isGone = await rmdir(folder).then(
      () => true,
      () => false,
    )
    if (!isGone) return
  }
}

/** What a killed process left half written is nobody's after an hour; younger files may be another process's. */
async function dropLeftovers(dir: string): Promise<number> {
  let dropped = 0
  for (const name of await readdir(dir)) {
    const path = join(dir, name)
    const facts = await stat(path).catch(() => null) // its writer may have finished since
    if (facts === null || Date.now() - facts.mtimeMs <= LEFTOVER_MS) continue
    await rm(path, { force: true })
    dropped += 1
  }
  return dropped
}

async function writeFlushed(path: string, content: ObjectContent): Promise<StoredObject> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      hash.update(chunk)
      sizeBytes += chunk.byteLength
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

async function linkOnce(temporary: string, path: string, stored: StoredObject): Promise<void> {
  try {
    await linkInFolder(temporary, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if ((await hashFile(path)) !== stored.sha256) throw filesErrors.FILE_EXISTS({}, { cause: error })
    return
  }
  // The name itself must survive a power cut, not only the bytes.
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The folder may be dropped as empty between its making and the link: then it is made again. */
async function linkInFolder(temporary: string, path: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    try {
      return await link(temporary, path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === LINK_TRIES) throw error
    }
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** ENOTDIR: a part of the key is a file. EISDIR: the key is a folder of other keys. */
const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error))

function storeError(error: unknown, key: string): EnhancedAppError | Error {
  if (error instanceof Error && 'spec' in error) return error
  if (isAbsent(error)) return filesErrors.FILE_NOT_FOUND({ name: key.split('/').at(-1) }, { cause: error })
  return filesErrors.STORE_UNAVAILABLE({ reason: codeOf(error) }, { cause: error })
}
