import { expect, test } from 'vitest'
import { areApiTypesCurrent } from './generate-api-types.ts'

test('web/lib/api-schema.d.ts knows the API as its routes are (npm run docs)', async () => {
  expect(await areApiTypesCurrent()).toBe(true)
  // Every module of the server is loaded.
}, 60_000)
