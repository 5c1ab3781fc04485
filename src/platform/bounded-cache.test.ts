import { expect, test } from 'vitest'
import { createBoundedCache } from './bounded-cache.ts'

test('the least recently used entries leave when the weight is over', () => {
  const cache = createBoundedCache<string>(10)
  cache.set('a', 'A', 4)
  cache.set('b', 'B', 4)
  expect(cache.get('a')).toBe('A')
  cache.set('c', 'C', 4)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
  expect(cache.weight).toBe(8)
})

test('an entry heavier than the whole cache is not kept and pushes nothing out', () => {
  const cache = createBoundedCache<string>(10)
  cache.set('a', 'A', 4)
  cache.set('huge', 'H', 11)
  expect([cache.get('a'), cache.get('huge')]).toEqual(['A', undefined])
})

test('setting a key again replaces its weight', () => {
  const cache = createBoundedCache<number>(10)
  cache.set('a', 1, 9)
  cache.set('a', 2, 3)
  expect([cache.get('a'), cache.weight, cache.size]).toEqual([2, 3, 1])
})
