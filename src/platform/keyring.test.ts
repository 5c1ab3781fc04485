import { expect, test } from 'vitest'
import { createKeyring } from './keyring.ts'

const old = 'the secret that was used until the summer'
const now = 'the secret that has been used since then'

test('what was sealed under an old secret opens as long as that is named, and not after', () => {
  const sealed = createKeyring([old]).seal('totp', 'user:1', Buffer.from('seed'))
  expect(createKeyring([now, old]).open('totp', 'user:1', sealed)?.toString()).toBe('seed')
  expect(createKeyring([now]).open('totp', 'user:1', sealed)).toBeNull()
})

test('what is sealed opens for nobody else, for no other purpose, and not when a byte was changed', () => {
  const ring = createKeyring([now])
  const sealed = ring.seal('totp', 'user:1', Buffer.from('seed'))
  expect(ring.open('totp', 'user:2', sealed)).toBeNull()
  expect(ring.open('mail', 'user:1', sealed)).toBeNull()
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(ring.open('totp', 'user:1', changed)).toBeNull()
  }
  expect(ring.open('totp', 'user:1', sealed.subarray(0, 20))).toBeNull()
})

test('the same text sealed twice does not look the same', () => {
  const ring = createKeyring([now])
  expect(ring.seal('totp', 'a', Buffer.from('x')).equals(ring.seal('totp', 'a', Buffer.from('x')))).toBe(false)
})

test('a mac holds for its purpose and text only, under the secret in use and the old ones', () => {
  const mac = createKeyring([old]).mac('link', 'abc')
  const ring = createKeyring([now, old])
  expect(ring.isMac('link', 'abc', mac)).toBe(true)
  expect(ring.isMac('link', 'abd', mac)).toBe(false)
  expect(ring.isMac('other', 'abc', mac)).toBe(false)
  expect(ring.isMac('link', 'abc', mac.subarray(1))).toBe(false)
  expect(createKeyring([now]).isMac('link', 'abc', mac)).toBe(false)
})
