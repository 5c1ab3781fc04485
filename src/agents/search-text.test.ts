import { expect, test } from 'vitest'
import { prefixQuery, similarity, trigramsOf } from './search-text.ts'

test('of what is typed only letters and digits reach the search, each word open at its end', () => {
  expect(prefixQuery('CSV prof')).toBe('csv:* & prof:*')
  expect(prefixQuery(`' & | ! ( ) :* <-> \\ "`)).toBeNull()
  expect(prefixQuery(`naïve') | x --`)).toBe('naïve:* & x:*')
  expect(prefixQuery('日本語 テスト')).toBe('日本語:* & テスト:*')
  expect(prefixQuery('a '.repeat(50))?.split(' & ')).toHaveLength(10)
})

test('a name with two letters changed is nearer than another one', () => {
  const near = similarity(trigramsOf('csv profler'), trigramsOf('CSV profiler'))
  expect(near).toBeGreaterThan(0.5)
  expect(similarity(trigramsOf('csv profler'), trigramsOf('Echo'))).toBe(0)
  expect(similarity(trigramsOf('Echo'), trigramsOf('echo'))).toBe(1)
})
