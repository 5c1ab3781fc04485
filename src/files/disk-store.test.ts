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
