import { argon2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'
import { weaknessOf } from './weak-passwords.ts'

function cheapHash(password: string): string {
  const nonce = Buffer.alloc(16, 7)
  const hash = argon2Sync('argon2id', {
    message: password,
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 64,
    passes: 1,
  })
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(hash)}`
}

describe('a password', () => {
  test('is kept as argon2id with a salt of its own, and only it is right', async () => {
    const passwords = createPasswords()
    const [one, two] = await Promise.all([
      passwords.hash('a phrase nobody says'),
      passwords.hash('a phrase nobody says'),
    ])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(two).not.toBe(one)
    expect(await passwords.check(one ?? '', 'a phrase nobody says')).toEqual({ isRight: true, isOutdated: false })
    expect((await passwords.check(one ?? '', 'a phrase nobody say')).isRight).toBe(false)
  })

  test('of nobody is never right', async () => {
    expect((await createPasswords().check(null, '')).isRight).toBe(false)
  })

  test('is the same however a keyboard composes its letters', async () => {
    const passwords = createPasswords()
    const stored = await passwords.hash('caf\u00e9 au lait au lit')
    expect((await passwords.check(stored, 'cafe\u0301 au lait au lit')).isRight).toBe(true)
  })

  test('hashed with other parameters is still right, and told to be hashed again', async () => {
    expect(await createPasswords().check(cheapHash('old'), 'old')).toEqual({ isRight: true, isOutdated: true })
  })

  test('is not waited for without end: a flood is told to come back, and those before it are served', async () => {
    const passwords = createPasswords()
    const cheap = cheapHash('x')
    const answers = await Promise.allSettled(Array.from({ length: 110 }, () => passwords.check(cheap, 'x')))
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused).toHaveLength(8)
    expect(refused[0]).toMatchObject({ reason: { code: 'SIGN_IN_BUSY', details: { retryAfterSeconds: 2 } } })
    expect((await passwords.check(cheap, 'x')).isRight).toBe(true)
  })
})

const ada = { email: 'ada.lovelace@example.com', name: 'Ada Lovelace' }

test.each([
  ['short', /fewer than 10/],
  ['aaaaaaaaaaaaaaa', /different/],
  ['abcabcabcabc', /different/],
  ['Password123!', /tried first/],
  ['P@ssw0rd2024', /tried first/],
  ['qwertyuiop', /tried first/],
  ['Qwertyuiop1!', /tried first/],
  ['1234567890', /row/],
  ['asdfghjklasdfghjkl', /row/],
  ['klmnopqrstu', /row/],
  ['vexilvexilvexil', /repeated/],
  ['ada.lovelace@example.com', /name or address/],
  ['lovelace1843', /name or address/],
])('the password %s is refused: %s', (password, reason) => {
  expect(weaknessOf(password, ada)).toMatch(reason)
})

test.each([
  'a phrase nobody says',
  'tr0ub4dor&3x',
  'lovelace had 9 green umbrellas',
  'ズバリ安全な合言葉です一二',
  'xK9#mP2$vL',
])('the password %s is taken', (password) => {
  expect(weaknessOf(password, ada)).toBeNull()
})
