import { createHash } from 'node:crypto'
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger } from '../platform/logger.ts'
import { createDiskStore } from './disk-store.ts'
import { createCodeCache, downloadAgentFile } from './download-agent-file.ts'

const log = createLogger('silent')
const code = 'export default async (input) => input\n'
const sha256 = createHash('sha256').update(code).digest('hex')
const source = { fileUrl: 'agents/u/a/v1/bundle.mjs', sha256 }

async function aHouse(limits: { maxMemoryBytes?: number; maxDiskBytes?: number } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'bureau-code-'))
  const disk = createDiskStore({ dir: join(dir, 'objects') })
  const signal = new AbortController().signal
  await disk.start(signal)
  const open = async () => {
    const codeCache = createCodeCache(
      { dir: join(dir, 'cache'), maxMemoryBytes: 1_000_000, maxDiskBytes: 1_000_000, ...limits },
      { log },
    )
    await codeCache.start(signal)
    return codeCache
  }
  let reads = 0
  const store = {
    get: (key: string) => {
      reads += 1
      return disk.get(key)
    },
  }
  return { dir, disk, store, open, reads: () => reads }
}

test('fifty runs that start at once fetch the code from the store once', async () => {
  const house = await aHouse()
  await house.disk.put(source.fileUrl, Buffer.from(code), { contentType: 'text/javascript' })
  const deps = { store: house.store, codeCache: await house.open() }
  const codes = await Promise.all(Array.from({ length: 50 }, () => downloadAgentFile(deps, source)))
  expect(new Set(codes)).toEqual(new Set([code]))
  expect(house.reads()).toBe(1)
  await downloadAgentFile(deps, source)
  expect(house.reads()).toBe(1)
})

test('after a restart the code comes from the local disk', async () => {
  const house = await aHouse()
  await house.disk.put(source.fileUrl, Buffer.from(code), { contentType: 'text/javascript' })
  await downloadAgentFile({ store: house.store, codeCache: await house.open() }, source)
  expect(await downloadAgentFile({ store: house.store, codeCache: await house.open() }, source)).toBe(code)
  expect(house.reads()).toBe(1)
})

test('a corrupt file in the local cache is dropped and fetched again', async () => {
  const house = await aHouse()
  await house.disk.put(source.fileUrl, Buffer.from(code), { contentType: 'text/javascript' })
  const codeCache = await house.open()
  await writeFile(join(house.dir, 'cache', `${sha256}.mjs`), 'export default async () => "stolen"')
  expect(await downloadAgentFile({ store: house.store, codeCache }, source)).toBe(code)
  expect(await downloadAgentFile({ store: house.store, codeCache: await house.open() }, source)).toBe(code)
  expect(house.reads()).toBe(1)
})

test('a store that answers other bytes than were recorded is FILE_CORRUPT and nothing of it is kept', async () => {
  const house = await aHouse()
  await house.disk.put(source.fileUrl, Buffer.from('export default async () => "other"'), { contentType: 'x' })
  const codeCache = await house.open()
  await expect(downloadAgentFile({ store: house.store, codeCache }, source)).rejects.toMatchObject({
    code: 'FILE_CORRUPT',
  })
  expect(await readdir(join(house.dir, 'cache'))).toEqual([])
})

test('absent code is FILE_NOT_FOUND, and a later try looks again', async () => {
  const house = await aHouse()
  const deps = { store: house.store, codeCache: await house.open() }
  await expect(downloadAgentFile(deps, source)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  await house.disk.put(source.fileUrl, Buffer.from(code), { contentType: 'text/javascript' })
  expect(await downloadAgentFile(deps, source)).toBe(code)
})

test('the local cache stays below its limit and drops the least recently used', async () => {
  const house = await aHouse({ maxDiskBytes: 2_500, maxMemoryBytes: 10 })
  const codeCache = await house.open()
  const hashes = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64))
  for (const hash of hashes) await codeCache.keep(hash, 'x'.repeat(1_000))
  const kept = await readdir(join(house.dir, 'cache'))
  expect(kept.length).toBeLessThanOrEqual(2)
  expect(kept).toContain(`${hashes[3]}.mjs`)
})
