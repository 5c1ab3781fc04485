import { createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeyring } from '../../platform/keyring.ts'
import { createClientTokens } from './client-tokens.ts'

const secret = 'a secret of at least thirty-two characters'
const tokens = createClientTokens(createKeyring([secret]))
const about = { userId: 'u'.repeat(24), sessionId: 's'.repeat(24) }
const NOW_MS = 1_800_000_000_000
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const partsOf = (token: string): [string, string, string] => {
  const [head = '', body = '', signature = ''] = token.split('.')
  return [head, body, signature]
}
const decode = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString())

test('a token says who, for what and until when, and anybody can verify it by the public key it names', () => {
  const { token, exp } = tokens.issue(about, 'api', NOW_MS)
  const [head, body, signature] = partsOf(token)
  const [jwk] = tokens.jwks.keys
  expect(decode(head)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: jwk?.kid })
  expect(decode(body)).toMatchObject({
    iss: 'bureau',
    aud: 'bureau:api',
    sub: `user:${about.userId}`,
    sid: about.sessionId,
    iat: NOW_MS / 1_000,
    exp: NOW_MS / 1_000 + 900,
  })
  expect(exp).toBe(NOW_MS / 1_000 + 900)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwk?.x ?? '' }, format: 'jwk' })
  expect(verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(tokens.verify(token, 'api', NOW_MS).sid).toBe(about.sessionId)
})

test('the public keys hold nothing private', () => {
  expect(tokens.jwks.keys.flatMap((key) => Object.keys(key))).toEqual(['kty', 'crv', 'x', 'kid', 'use', 'alg'])
})

describe('refused is a token', () => {
  const { token } = tokens.issue(about, 'api', NOW_MS)
  const [head, body, signature] = partsOf(token)
  const kid = tokens.jwks.keys[0]?.kid ?? ''
  const x = tokens.jwks.keys[0]?.x ?? ''
  const foreign = generateKeyPairSync('ed25519')
  const foreignSigned = (header: object): string => {
    const signed = `${encode(header)}.${body}`
    return `${signed}.${sign(null, Buffer.from(signed), foreign.privateKey).toString('base64url')}`
  }
  const hmacSigned = (key: Buffer): string => {
    const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${body}`
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
  }

  test.each([
    ['without an algorithm', `${encode({ alg: 'none', typ: 'JWT' })}.${body}.`],
    ['that names none but keeps the signature', `${encode({ alg: 'none', typ: 'JWT', kid })}.${body}.${signature}`],
    ['without a signature', `${head}.${body}.`],
    ['of two parts', `${head}.${body}`],
    ['of four parts', `${token}.x`],
    ['signed by HMAC with the public key', hmacSigned(Buffer.from(x, 'base64url'))],
    ['signed by HMAC with the public key as it is printed', hmacSigned(Buffer.from(x))],
    ['signed by a foreign key under our key id', foreignSigned({ alg: 'EdDSA', typ: 'JWT', kid })],
    ['signed by a foreign key under its own id', foreignSigned({ alg: 'EdDSA', typ: 'JWT', kid: 'mine' })],
    [
      'that brings its key along',
      foreignSigned({ alg: 'EdDSA', typ: 'JWT', kid, jwk: foreign.publicKey.export({ format: 'jwk' }) }),
    ],
    [
      'that says where its key is',
      foreignSigned({ alg: 'EdDSA', typ: 'JWT', kid, jku: 'https://evil.example/jwks.json' }),
    ],
    ['whose claims were changed', `${head}.${encode({ ...decode(body), sub: 'user:admin' })}.${signature}`],
    ['whose signature was changed', `${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`],
    ['whose signature is spelled in another way', `${head}.${body}.${signature}=`],
    ['of a megabyte', `${head}.${'a'.repeat(1_000_000)}.${signature}`],
    ['that is nonsense', 'eyJ'],
  ])('%s', (_what, forged) => {
    expect(() => tokens.verify(forged, 'api', NOW_MS)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }))
  })

  test('for another audience, both ways', () => {
    expect(() => tokens.verify(token, 'realtime', NOW_MS)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }))
    const socket = tokens.issue(about, 'realtime', NOW_MS).token
    expect(() => tokens.verify(socket, 'api', NOW_MS)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }))
  })

  test('of another site', () => {
    const other = createClientTokens(createKeyring(['another secret of at least 32 characters']))
    expect(() => other.verify(token, 'api', NOW_MS)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }))
  })

  test('from its last second on, also when it was found good before', () => {
    expect(tokens.verify(token, 'api', NOW_MS + 899_999).exp).toBe(NOW_MS / 1_000 + 900)
    expect(() => tokens.verify(token, 'api', NOW_MS + 900_000)).toThrow(
      expect.objectContaining({ code: 'TOKEN_EXPIRED' }),
    )
  })
})

test('a token signed before the secret was changed holds while the old secret is named', () => {
  const { token } = tokens.issue(about, 'api', NOW_MS)
  const renewed = createClientTokens(createKeyring(['another secret of at least 32 characters', secret]))
  expect(renewed.verify(token, 'api', NOW_MS).sid).toBe(about.sessionId)
  expect(renewed.jwks.keys.map((key) => key.kid)).toContain(tokens.jwks.keys[0]?.kid)
  expect(renewed.issue(about, 'api', NOW_MS).token.split('.')[0]).not.toBe(token.split('.')[0])
})
