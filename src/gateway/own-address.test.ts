import { expect, test } from 'vitest'
import { createOwnAddresses, ownAddress } from './own-address.ts'

const LISTENS_AT = 'http://127.0.0.1:8080/'
const asked = (host: string | undefined, localAddress = '127.0.0.1', localPort = 8080) => ({
  headers: host === undefined ? {} : { host },
  socket: { localAddress, localPort },
})

test.each([
  ['localhost:8080', '127.0.0.1', 'http://localhost:8080'],
  ['127.0.0.1:8080', '127.0.0.1', 'http://127.0.0.1:8080'],
  ['192.0.2.7:8080', '::ffff:192.0.2.7', 'http://192.0.2.7:8080'],
  ['[2001:db8::7]:8080', '2001:db8::7', 'http://[2001:db8::7]:8080'],
])('the Host %s is believed where the connection says the same', (host, localAddress, origin) => {
  expect(ownAddress(asked(host, localAddress), undefined, LISTENS_AT).origin).toBe(origin)
})

test.each([
  'evil.example',
  'evil.example:8080',
  'localhost.evil.example:8080',
  // Ours by name, but somebody else listens there.
  'localhost:9999',
  'localhost',
  '192.0.2.8:8080',
  'user@evil.example:8080',
  'evil.example:8080/x?localhost:8080',
  '',
  '::not a host::',
  undefined,
])('the Host "%s" is a word of a stranger', (host) => {
  expect(ownAddress(asked(host), undefined, LISTENS_AT).href).toBe(LISTENS_AT)
})

test('where the operator has set the address no Host is looked at', () => {
  const publicUrl = 'https://bureau.example'
  expect(ownAddress(asked('localhost:8080'), publicUrl, LISTENS_AT).origin).toBe(publicUrl)
  expect(createOwnAddresses(publicUrl, () => LISTENS_AT)(asked('localhost:8080')).origin).toBe(publicUrl)
})

test('what was found for one Host is not the answer to another, nor to another connection', () => {
  const own = createOwnAddresses(undefined, () => LISTENS_AT)
  for (let round = 0; round < 2; round++) {
    expect(own(asked('localhost:8080')).origin).toBe('http://localhost:8080')
    expect(own(asked('evil.example:8080')).href).toBe(LISTENS_AT)
    expect(own(asked('192.0.2.7:8080', '192.0.2.7')).origin).toBe('http://192.0.2.7:8080')
    expect(own(asked('192.0.2.7:8080')).href).toBe(LISTENS_AT)
    expect(own(asked('localhost:8080', '127.0.0.1', 8081)).href).toBe(LISTENS_AT)
  }
})
