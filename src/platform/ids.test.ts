import { expect, test } from 'vitest'
import { newUuidV7 } from './ids.ts'

test('ids made one after the other are unique, of version 7, and in the order they were made', () => {
  const ids = Array.from({ length: 5_000 }, () => newUuidV7())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(ids)
  for (const id of ids.slice(0, 300))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const ageMs = Date.now() - Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16)
  expect(Math.abs(ageMs)).toBeLessThan(60_000)
})
