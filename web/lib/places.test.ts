import { expect, test } from 'vitest'
import { isAt, placesFor } from './places.ts'

test('the rail shows only places where one may do something', () => {
  expect(placesFor([]).map(({ href }) => href)).toEqual(['/home'])
  expect(placesFor(['runs.read', 'credits.read']).map(({ href }) => href)).toEqual(['/home', '/runs', '/credits'])
  expect(placesFor(['admin']).map(({ hat }) => hat)).toEqual(['Use', 'Operate'])
})

test('a place is current on its own pages and on those below it, not on others that begin alike', () => {
  expect(isAt('/runs', '/runs')).toBe(true)
  expect(isAt('/runs/018f', '/runs')).toBe(true)
  expect(isAt('/runsheet', '/runs')).toBe(false)
})
