import { expect, test } from 'vitest'
import { createBoundedCache } from './bounded-cache.ts'

test('what was not asked for leaves first when the weight is over', () => {
  const cache = createBoundedCache<string>(10)
  cache.set('a', 'A', 4)
  cache.set('b', 'B', 4)
  expect(cache.get('a')).toBe('A')
  cache.set('c', 'C', 4)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
  expect(cache.weight).toBe(8)
})

test('where all were asked for the oldest leaves, and never the newest', () => {
  const cache = createBoundedCache<string>(3)
  for (const key of ['a', 'b', 'c']) cache.set(key, key)
  for (const key of ['c', 'b', 'a']) cache.get(key)
  cache.set('d', 'd')
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([undefined, 'b', 'c', 'd'])
  expect([cache.weight, cache.size]).toEqual([3, 3])
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

test('who was asked for once and never again leaves the next time round', () => {
  const cache = createBoundedCache<string>(2)
  cache.set('a', 'A')
  cache.set('b', 'B')
  cache.get('a')
  // The mark saves it once, at the price of the mark; `b` has none.
  cache.set('c', 'C')
  expect(cache.size).toBe(2)
  cache.get('c')
  cache.set('d', 'D')
  expect(['a', 'c', 'd'].map((key) => cache.get(key))).toEqual([undefined, 'C', 'D'])
})

test('what is deleted is not answered any more, and its weight is free for others', () => {
  const cache = createBoundedCache<string>(10)
  cache.set('a', 'A', 6)
  cache.set('b', 'B', 4)
  cache.delete('a')
  cache.delete('never set')
  expect([cache.get('a'), cache.weight, cache.size]).toEqual([undefined, 4, 1])
  cache.set('c', 'C', 6)
  expect([cache.get('b'), cache.get('c')]).toEqual(['B', 'C'])
})

test('a cleared cache holds nothing, and as much as before', () => {
  const cache = createBoundedCache<string>(10)
  cache.set('a', 'A', 10)
  cache.clear()
  expect([cache.get('a'), cache.weight, cache.size]).toEqual([undefined, 0, 0])
  cache.set('b', 'B', 5)
  cache.set('c', 'C', 5)
  expect([cache.get('b'), cache.get('c')]).toEqual(['B', 'C'])
})
