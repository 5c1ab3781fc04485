import { mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDiskStore } from './disk-store.ts'
import { storeKeepsItsPromises } from './store-contract.ts'

const aFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'bureau-disk-'))

storeKeepsItsPromises({ conditionalWrites: true }, async () => createDiskStore({ dir: await aFolder() }))

test('a start removes what a killed process left half written, but not what another one is writing', async () => {
  const dir = await aFolder()
  await createDiskStore({ dir }).start(new AbortController().signal)
  await writeFile(join(dir, '.tmp', 'left'), 'x')
  await utimes(join(dir, '.tmp', 'left'), new Date(0), new Date(0))
  await writeFile(join(dir, '.tmp', 'going'), 'x')
  await createDiskStore({ dir }).start(new AbortController().signal)
  expect(await readdir(join(dir, '.tmp'))).toEqual(['going'])
})

test('a folder that cannot be written is STORE_UNAVAILABLE, not a crash', async () => {
  const store = createDiskStore({ dir: '/proc/nowhere' })
  await expect(store.check()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

test('a deleted object takes the folders with it that only it was in, and no write is lost to that', async () => {
  const dir = await aFolder()
  const store = createDiskStore({ dir })
  await store.start(new AbortController().signal)
  const facts = { contentType: 'text/plain' }
  await store.put('uploads/a/1/content', Buffer.from('x'), facts)
  await store.put('uploads/a/2/content', Buffer.from('x'), facts)
  await store.delete('uploads/a/1/content')
  expect(await readdir(join(dir, 'uploads/a'))).toEqual(['2'])
  await store.delete('uploads/a/2/content')
  expect(await readdir(dir)).toEqual(['.tmp'])
  const comeAndGo = async (name: string): Promise<void> => {
    for (let n = 0; n < 40; n += 1) {
      const key = `uploads/b/${name}/${n}`
      await store.put(key, Buffer.from('x'), facts)
      expect(await store.exists(key)).toBe(true)
      await store.delete(key)
    }
  }
  await Promise.all(['a', 'b', 'c', 'd', 'a2', 'b2'].map(comeAndGo))
  expect(await readdir(dir)).toEqual(['.tmp'])
})
