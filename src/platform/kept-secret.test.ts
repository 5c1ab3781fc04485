import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keptSecret } from './kept-secret.ts'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bureau-secret-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a secret is made once, however many ask at once, readable by its owner only, with nothing left beside it', async () => {
  const folder = await aFolder()
  const file = join(folder, 'secret')
  const secrets = await Promise.all(Array.from({ length: 8 }, () => keptSecret(file)))
  expect(new Set(secrets).size).toBe(1)
  expect(secrets[0]).toHaveLength(43)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['secret'])
  expect(await keptSecret(file)).toBe(secrets[0])
})

test('a file that was emptied is refused instead of being taken for a secret', async () => {
  const file = join(await aFolder(), 'secret')
  await writeFile(file, '\n')
  await expect(keptSecret(file)).rejects.toThrow(/holds no secret/)
})
