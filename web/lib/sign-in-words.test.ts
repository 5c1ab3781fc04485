import { expect, test } from 'vitest'
import { doneWords, signInErrorWords, signInProblem } from './sign-in-words.ts'

test('what somebody put into the address is never shown: an unknown code gets our own words', () => {
  expect(signInErrorWords('<script>alert(1)</script>')).toBe(
    'Signing in did not work. Try again, or sign in another way.',
  )
  expect(signInErrorWords(undefined)).toBeNull()
  expect(doneWords('<b>hello</b>')).toBeNull()
})

test('a refusal keeps its code, whether it comes whole or as its code alone', () => {
  const whole = JSON.stringify({ code: 'SIGN_IN_DELAYED', title: 'Too many attempts', fix: 'Wait 30 s.', status: 429 })
  expect(signInProblem(whole)).toMatchObject({ code: 'SIGN_IN_DELAYED', fix: 'Wait 30 s.', status: 429 })
  expect(signInProblem('TWO_FACTOR_REQUIRED')).toMatchObject({ code: 'TWO_FACTOR_REQUIRED' })
  expect(signInProblem('CredentialsSignin').title).toBe('E-mail address or password is wrong')
})

test('whatever another site or the API may answer says what to do next', () => {
  const codes = ['EXTERNAL_EMAIL_UNVERIFIED', 'EXTERNAL_EMAIL_MISSING', 'EXTERNAL_ACCOUNT_UNVERIFIED', 'IDENTITY_TAKEN']
  const unknown = signInErrorWords('something new')
  for (const code of [
    ...codes,
    'REGISTRATION_CLOSED',
    'PROVIDER_UNKNOWN',
    'ProviderCanceled',
    'OAuthSignin',
    'Callback',
  ])
    expect(signInErrorWords(code), code).not.toBe(unknown)
  // The name of a member that every object has is no code.
  expect(signInErrorWords('constructor')).toBe(unknown)
  expect(signInErrorWords('__proto__')).toBe(unknown)
  expect(signInProblem('constructor').title).toBe('Signing in did not work')
})
