import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, type KeyObject } from 'node:crypto'
import { secrets } from './environment.mjs'

/** What the API knows this site by: a token signed with a key that both derive from the site's secret
 * (src/users/sessions/site-credential.ts verifies it). A minute, because it is made anew for each request. */
const LIFE_SECONDS = 60
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

let key: { readonly head: string; readonly privateKey: KeyObject } | undefined

/** A fresh token, for `Bureau-Site`. */
export function serviceCredential(): string {
  key ??= signingKey()
  const iat = Math.floor(Date.now() / 1_000)
  const signed = `${key.head}.${encode({ iss: 'bureau', aud: 'bureau:site', iat, exp: iat + LIFE_SECONDS })}`
  return `${signed}.${sign(null, Buffer.from(signed), key.privateKey).toString('base64url')}`
}

function signingKey() {
  const seed = Buffer.from(hkdfSync('sha256', secrets()[0], 'bureau', 'site service', 32))
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
  return { head: encode({ alg: 'EdDSA', typ: 'JWT', kid }), privateKey }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Headers under which the API counts a call of ours as the visitor's, instead of all as this site's. Empty while a page
 * is rendered for nobody in particular, to be given to many.
 * @param asked headers of the request that is being answered; the gateway wrote those that are read */
export function visitorHeaders(asked: Pick<Headers, 'get'>): Record<string, string> {
  const address = asked.get('x-forwarded-for')
  const agent = asked.get('user-agent')
  return {
    'bureau-site': serviceCredential(),
    ...(address === null ? {} : { 'bureau-visitor': address }),
    ...(agent === null ? {} : { 'user-agent': agent }),
  }
}
