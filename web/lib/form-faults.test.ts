import { expect, test } from 'vitest'
import { emailFault, faultsOf, newPasswordFault, present } from './form-faults.ts'

test('what the API says about a field stands beside that field, as a sentence; the first of several wins', () => {
  const fields = [
    { path: '/scopes/0', message: 'is not one of those offered' },
    { path: '/scopes', message: 'is too short' },
    { path: '/other', message: 'is unknown' },
    { path: '', message: 'is not an object' },
  ]
  expect(faultsOf({ fields }, ['name', 'scopes'])).toEqual({ scopes: 'Is not one of those offered' })
})

test('an address without a host and a short password are found before anything is sent', () => {
  expect(emailFault('ana')).toContain('not an e-mail address')
  expect(emailFault(' ana@example.com ')).toBeUndefined()
  expect(emailFault('demo@bureau.localhost')).toBeUndefined()
  expect(newPasswordFault('short')).toContain('10')
  expect(present({ email: undefined, password: 'Choose a password' })).toEqual({ password: 'Choose a password' })
})
