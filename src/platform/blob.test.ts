import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBlob, encodeBlob } from './blob.ts'

test('what is stored comes back byte for byte, whatever it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.nat({ max: 3 }), (bytes, doublings) => {
      let content = Buffer.from(bytes)
      for (let i = 0; i < doublings; i++) content = Buffer.concat([content, content])
      expect(decodeBlob(encodeBlob(content)).equals(content)).toBe(true)
    }),
  )
})

test('a large repetitive output takes a fraction of its size in the database, a small one no call to the compressor', () => {
  const large = Buffer.from(JSON.stringify(Array.from({ length: 2_000 }, (_, row) => ({ row, name: 'column' }))))
  expect(encodeBlob(large).byteLength).toBeLessThan(large.byteLength / 4)
  expect(encodeBlob(large)[0]).toBe(1)
  expect([...encodeBlob(Buffer.from('null'))]).toEqual([0, ...Buffer.from('null')])
})

test('a damaged header is an error, not a wrong output', () => {
  expect(() => decodeBlob(Buffer.of(7, 1, 2))).toThrow(RangeError)
  expect(() => decodeBlob(Buffer.of())).toThrow(RangeError)
  expect(() => decodeBlob(Buffer.of(1, 1, 2, 3))).toThrow()
})
