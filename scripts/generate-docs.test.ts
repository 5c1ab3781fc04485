import { expect, test } from 'vitest'
import { errorCatalogue } from '../src/platform/errors.ts'
import { findStaleDocs, generateDocs } from './generate-docs.ts'

test('docs/errors.md, docs/configuration.md and .env.example say what the code says (npm run docs)', async () => {
  expect(await findStaleDocs()).toEqual([])
})

test('every declared code and no other stands in docs/errors.md', async () => {
  const text = (await generateDocs()).get('docs/errors.md') ?? ''
  const listed = [...text.matchAll(/^\| `([A-Z_0-9]+)` \|/gm)].map((match) => match[1])
  expect(listed.toSorted()).toEqual([...errorCatalogue().keys()].toSorted())
})
