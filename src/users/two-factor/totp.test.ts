import { expect, test } from 'vitest'
import { makeRecoveryCodes, hashRecoveryCode } from './recovery-codes.ts'
import { makeTotpSecret, stepOfCode, totpSecretText, totpUri } from './totp.ts'

/** RFC 6238, appendix B: the last six of its eight digits, for SHA-1. */
const secret = Buffer.from('12345678901234567890')
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])("at %i s since 1970 the code of the RFC's secret is %s", (seconds, code) => {
  expect(stepOfCode(secret, code, seconds * 1_000)).toBe(BigInt(Math.floor(seconds / 30)))
})

test('a code holds one step before and after its own, and names its own', () => {
  const step = BigInt(Math.floor(1_234_567_890 / 30))
  const at = (seconds: number) => stepOfCode(secret, '005924', seconds * 1_000)
  expect([at(1_234_567_890 - 30), at(1_234_567_890 + 30)]).toEqual([step, step])
  expect([at(1_234_567_890 - 60), at(1_234_567_890 + 60), at(0)]).toEqual([null, null, null])
})

test('the secret is 160 bits, and stands in the address for authenticators beside site and person', () => {
  const fresh = makeTotpSecret()
  expect(fresh).toHaveLength(20)
  const uri = new URL(totpUri(fresh, 'Bureau', 'ada@example.com'))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toContain('Bureau:ada@example.com')
  expect(uri.searchParams.get('secret')).toBe(totpSecretText(fresh))
  expect(totpSecretText(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
})

test('there are ten recovery codes of 80 bits, all different, kept as hashes', () => {
  const { texts, hashes } = makeRecoveryCodes()
  expect(new Set(texts).size).toBe(10)
  expect(texts.every((text) => /^([a-z2-7]{4}-){3}[a-z2-7]{4}$/.test(text))).toBe(true)
  expect(hashes.map((hash) => hash.toString('hex'))).toEqual(
    texts.map((text) => hashRecoveryCode(text.replaceAll('-', '')).toString('hex')),
  )
})
