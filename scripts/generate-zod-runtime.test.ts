import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateZodRuntime, ZOD_RUNTIME } from './generate-zod-runtime.ts'

test('the zod that sandboxes preload is the one that is installed (npm run generate)', async () => {
  const committed = await readFile(join(import.meta.dirname, '..', ZOD_RUNTIME), 'utf8')
  expect(committed === (await generateZodRuntime())).toBe(true)
})
