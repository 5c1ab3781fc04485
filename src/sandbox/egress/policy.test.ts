import { expect, test } from 'vitest'
import { isPublicAddress } from './address.ts'
import { EgressDenied } from './egress.errors.ts'
import { judge, type PolicyDeps } from './policy.ts'
import { createResolver, resolveLocally } from './resolve.ts'
import { aNameServer } from './testing/local-servers.ts'

const deps: PolicyDeps = { isOff: false, privateHosts: [], resolve: async () => ['93.184.215.14'], resolveLocally }

/** `allowed`, `denied` or `failed`, for an agent that may reach every public host. */
async function verdict(url: string, declared: readonly string[] = ['*'], given = deps): Promise<string> {
  try {
    await judge(given, url, declared, new Map())
    return 'allowed'
  } catch (error) {
    return error instanceof EgressDenied ? 'denied' : 'failed'
  }
}

// How an address may be written, and what becomes of it. Everything but a public one is refused, in every spelling.
test.each([
  ['a public address', 'http://93.184.215.14/', 'allowed'],
  ['a public address in decimal', 'http://1572395790/', 'allowed'],
  ['a public IPv6 address', 'http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', 'allowed'],
  ['a name', 'https://example.com/', 'allowed'],
  ['a name with a dot at its end', 'https://example.com./', 'allowed'],
  ['a name in capitals', 'https://EXAMPLE.com/', 'allowed'],
  ['loopback', 'http://127.0.0.1/', 'denied'],
  ['the rest of loopback', 'http://127.8.9.1/', 'denied'],
  ['loopback in decimal', 'http://2130706433/', 'denied'],
  ['loopback in octal', 'http://0177.0.0.1/', 'denied'],
  ['loopback in one octal number', 'http://017700000001/', 'denied'],
  ['loopback in hexadecimal', 'http://0x7f.0x0.0x0.0x1/', 'denied'],
  ['loopback in one hexadecimal number', 'http://0x7f000001/', 'denied'],
  ['loopback in short', 'http://127.1/', 'denied'],
  ['loopback with a dot at its end', 'http://127.0.0.1./', 'denied'],
  ['loopback in full-width digits', 'http://１２７.０.０.１/', 'denied'],
  ['loopback percent-encoded', 'http://%31%32%37.0.0.1/', 'denied'],
  ['IPv6 loopback', 'http://[::1]/', 'denied'],
  ['the unspecified address', 'http://0.0.0.0/', 'denied'],
  ['zero in short', 'http://0/', 'denied'],
  ['the unspecified IPv6 address', 'http://[::]/', 'denied'],
  ['IPv4 mapped into IPv6', 'http://[::ffff:127.0.0.1]/', 'denied'],
  ['IPv4 mapped, in hexadecimal', 'http://[::ffff:7f00:1]/', 'denied'],
  ['a public IPv4 mapped into IPv6', 'http://[::ffff:93.184.215.14]/', 'denied'],
  ['IPv4-compatible IPv6', 'http://[::127.0.0.1]/', 'denied'],
  ['IPv4 translated by NAT64', 'http://[64:ff9b::7f00:1]/', 'denied'],
  ['IPv4 by a local NAT64', 'http://[64:ff9b:1::7f00:1]/', 'denied'],
  ['6to4 around loopback', 'http://[2002:7f00:1::]/', 'denied'],
  ['Teredo', 'http://[2001:0:7f00:1::]/', 'denied'],
  ['private, 10/8', 'http://10.0.0.1/', 'denied'],
  ['private, 172.16/12', 'http://172.31.255.255/', 'denied'],
  ['private, 192.168/16', 'http://192.168.1.1/', 'denied'],
  ['carrier space', 'http://100.64.0.1/', 'denied'],
  ['link-local: the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/', 'denied'],
  ['the platform of Azure', 'http://168.63.129.16/', 'denied'],
  ['metadata in decimal', 'http://2852039166/', 'denied'],
  ['metadata over IPv6', 'http://[fd00:ec2::254]/', 'denied'],
  ['IPv6 link-local', 'http://[fe80::1]/', 'denied'],
  ['unique local IPv6', 'http://[fc00::1]/', 'denied'],
  ['IPv6 documentation', 'http://[2001:db8::1]/', 'denied'],
  ['IPv6 multicast', 'http://[ff02::1]/', 'denied'],
  ['multicast', 'http://224.0.0.1/', 'denied'],
  ['broadcast', 'http://255.255.255.255/', 'denied'],
  ['benchmarks', 'http://198.18.0.1/', 'denied'],
  ['protocol assignments', 'http://192.0.0.8/', 'denied'],
  ['documentation, first', 'http://192.0.2.1/', 'denied'],
  ['documentation, second', 'http://198.51.100.1/', 'denied'],
  ['documentation, third', 'http://203.0.113.1/', 'denied'],
  ['a 6to4 relay', 'http://192.88.99.1/', 'denied'],
  ['IPv6 documentation, the newer', 'http://[3fff::1]/', 'denied'],
  ['a user name', 'https://user@example.com/', 'denied'],
  ['a user name that looks like a host', 'https://example.com:443@127.0.0.1/', 'denied'],
  ['a password', 'https://:secret@example.com/', 'denied'],
  ['another port', 'https://example.com:8443/', 'denied'],
  ['files', 'file:///etc/passwd', 'denied'],
  ['ftp', 'ftp://example.com/', 'denied'],
  ['data', 'data:text/plain,x', 'denied'],
  ['no URL at all', 'example.com', 'failed'],
  ['too large a number', 'http://256.256.256.256/', 'failed'],
])('%s: %s is %s', async (_, url, outcome) => {
  expect(await verdict(url)).toBe(outcome)
})

test.each([
  ['one private address among public ones', ['93.184.215.14', '10.0.0.1']],
  ['a private address first', ['127.0.0.1', '93.184.215.14']],
  ['the metadata address', ['169.254.169.254']],
])('a name that resolves to %s is refused', async (_, addresses) => {
  const dns = await aNameServer(() => addresses)
  const given = { ...deps, resolve: createResolver([dns.address]) }
  expect(await verdict('https://mixed.test/', ['mixed.test'], given)).toBe('denied')
})

test('a name is resolved once for a run: an answer that changes afterwards changes nothing', async () => {
  const dns = await aNameServer((_, asked) => (asked === 1 ? ['93.184.215.14'] : ['127.0.0.1']))
  const given = { ...deps, resolve: createResolver([dns.address]) }
  const pins = new Map<string, readonly string[]>()
  const first = await judge(given, 'https://rebinds.test/', ['rebinds.test'], pins)
  const second = await judge(given, 'https://rebinds.test/again', ['rebinds.test'], pins)
  expect([first.addresses, second.addresses]).toEqual([['93.184.215.14'], ['93.184.215.14']])
  expect(dns.asked()).toBe(1)
  expect(await verdict('https://rebinds.test/', ['rebinds.test'], given)).toBe('denied')
})

test('a name that is declared is the same name with a dot at its end', async () => {
  expect(await verdict('https://example.com./', ['example.com'])).toBe('allowed')
})

test('an address of one interface is none of the internet', () => {
  expect(isPublicAddress('2606:2800:21f:cb07::1')).toBe(true)
  expect(isPublicAddress('2606:2800:21f:cb07::1%eth0')).toBe(false)
})

test('what is not declared is refused by name, before anybody is asked for its address', async () => {
  const dns = await aNameServer(() => ['93.184.215.14'])
  const given = { ...deps, resolve: createResolver([dns.address]) }
  await expect(judge(given, 'https://evil.test:8443/x?secret=1', ['example.com'], new Map())).rejects.toMatchObject({
    host: 'evil.test:8443',
    message: "This agent may not reach evil.test:8443: its manifest would need egress: ['evil.test:8443']",
  })
  expect(dns.asked()).toBe(0)
})

test('the operator allows a private host by name and port; the manifest has to name it all the same', async () => {
  const given = { ...deps, resolve: resolveLocally, privateHosts: ['localhost:11434', '127.0.0.1:8080'] }
  expect(await verdict('http://localhost:11434/v1', ['localhost:11434'], given)).toBe('allowed')
  expect(await verdict('http://127.0.0.1:8080/', ['127.0.0.1:8080'], given)).toBe('allowed')
  expect(await verdict('http://localhost:11434/v1', ['*'], given)).toBe('denied')
  expect(await verdict('http://localhost:11435/', ['localhost:11435'], given)).toBe('denied')
  expect(await verdict('https://example.com/', ['*'], { ...deps, isOff: true })).toBe('denied')
})
