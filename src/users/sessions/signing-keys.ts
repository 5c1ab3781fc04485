import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { Keyring } from '../../platform/keyring.ts'

export type Jwk = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

type SigningKey = {
  readonly head: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: Jwk
}

export type SigningKeys = {
  /** JWT (RFC 7519), EdDSA with Ed25519 (RFC 8037), by the key in use. */
  sign(payload: object): string
  /** What one of our keys has signed, or null for everything else. */
  open(token: string): unknown
  /** Public keys, the one in use first. */
  readonly jwks: readonly Jwk[]
}

/** Keys for one purpose, derived from the site's secret, so that every process signs and verifies alike with nothing
 * stored (docs/adr/0006-sessions-and-client-tokens.md).
 *
 * Not a JWT library: those read the header to decide how to verify, which is where `none`, HMAC with the public key, and
 * foreign `jku` and `kid` come in. Here a token has to begin with the very bytes of one of our own headers, each of which
 * stands for one key and one algorithm; what another header says is never read. */
export function createSigningKeys(keyring: Keyring, purpose: string): SigningKeys {
  const keys = keyring.derive(purpose).map(signingKey)
  const byHead = new Map(keys.map((key) => [key.head, key]))
  const [current] = keys
  if (current === undefined) throw new RangeError(`${purpose} need a key`)

  return {
    sign(payload) {
      const signed = `${current.head}.${encode(JSON.stringify(payload))}`
      return `${signed}.${sign(null, Buffer.from(signed), current.privateKey).toString('base64url')}`
    },
    open(token) {
      const [head = '', body = '', signature = '', ...rest] = token.split('.')
      const key = byHead.get(head)
      if (key === undefined || rest.length > 0) return null
      const bytes = Buffer.from(signature, 'base64url')
      // Base64 has several spellings of the same bytes; ours is the only one taken.
      const isCanonical = bytes.toString('base64url') === signature
      if (!isCanonical || !verify(null, Buffer.from(`${head}.${body}`), key.publicKey, bytes)) return null
      return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
    },
    jwks: keys.map((key) => key.jwk),
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

function signingKey(seed: Buffer): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const { x = '' } = publicKey.export({ format: 'jwk' })
  // RFC 7638: members in this order.
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
  const head = encode(JSON.stringify({ alg: 'EdDSA', typ: 'JWT', kid }))
  return { head, privateKey, publicKey, jwk: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' } }
}
