import { expect, test } from 'vitest'
import { connectPath, isConnectPath, localPath, nextPath, signInPath } from './next-path.ts'

test('one comes back to the page one was sent away from, with what was asked of it', () => {
  const path = '/agents/demo/csv-profiler?version=3#input'
  const { searchParams } = new URL(signInPath(path), 'https://bureau.example')
  expect(nextPath(searchParams.get('next'))).toBe(path)
})

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  'home',
  '/sign-in?next=/sign-in',
  '/api/auth/signout',
  '',
  undefined,
])('signing in never leads to another site or in a circle: %j', (asked) => {
  expect(nextPath(asked)).toBe('/home')
})

test('an address is followed by its path alone, and connecting another site is told from signing in by it', () => {
  expect(localPath('https://evil.example/account?connected=oidc')).toBe('/account?connected=oidc')
  expect(localPath('/runs')).toBe('/runs')
  expect(isConnectPath(connectPath('oidc'))).toBe(true)
  expect(isConnectPath('/account')).toBe(false)
  expect(isConnectPath('/account?error=x')).toBe(false)
})
