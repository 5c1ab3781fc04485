import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { qrMatrix, qrPath } from './qr.ts'

const OTP =
  'otpauth://totp/Bureau:ana%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bureau&digits=6&period=30'

function fingerprint(text: string, mask: number): string {
  const rows = qrMatrix(text, mask)?.map((row) => row.map((isDark) => (isDark ? '1' : '0')).join(''))
  return createHash('sha256')
    .update((rows ?? []).join('\n'))
    .digest('hex')
    .slice(0, 16)
}

// SHA-256 of the rows that python-qrcode 8.2 draws for the same text, level L, byte mode, mask.
test.each([
  ['hi', 0, 'c479624d5b62be58'],
  ['hi', 7, '04507ca15c8cd68f'],
  [OTP, 0, '91994a0b40de8428'],
  [OTP, 3, 'd9dde275fb041283'],
  ['x'.repeat(230), 5, '128a9f53817622fb'],
  ['y'.repeat(500), 6, '22dffa9c37125d1f'],
])('a code is module for module what another encoder draws: %.12s…, mask %i', (text, mask, expected) => {
  expect(fingerprint(text, mask)).toBe(expected)
})

test('a text that fits into no code of ours gives none, instead of one that lies', () => {
  expect(qrMatrix('z'.repeat(521))).toBeNull()
  expect(qrMatrix('z'.repeat(520))).toHaveLength(77)
})

test('the drawing keeps four modules of quiet around the code', () => {
  const path = qrPath(qrMatrix('hi') ?? [])
  const places = [...path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => [Number(x), Number(y)])
  expect(Math.min(...places.flat())).toBe(4)
  expect(Math.max(...places.flat())).toBe(4 + 20)
})
