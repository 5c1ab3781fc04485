import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** Keys for many purposes, all derived from one secret that every process is configured with: nothing has to be stored
 * or shared besides. Secrets that were used before still verify and open, so that a secret can be changed while people
 * are signed in. */
export type Keyring = {
  /** 32 bytes for one purpose: of the secret in use first, then of the old ones. */
  derive(purpose: string): readonly Buffer[]
  /** HMAC-SHA256 of a text under a purpose, 32 bytes. */
  mac(purpose: string, text: string): Buffer
  isMac(purpose: string, text: string, mac: Uint8Array): boolean
  /** Encrypts and authenticates (AES-256-GCM).
   * @param context whose it is; {@link Keyring.open} must name the same, so that a sealed value cannot change owners */
  seal(purpose: string, context: string, bytes: Uint8Array): Buffer
  /** @returns null for what was sealed under no secret of this ring, for somebody else, or was changed */
  open(purpose: string, context: string, sealed: Uint8Array): Buffer | null
}

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
/** First byte of what is sealed, so that another way to seal can come later. */
const AES_256_GCM = 1

/** @param secrets the one in use first, each with at least 32 characters that nobody can guess */
export function createKeyring(secrets: readonly string[]): Keyring {
  if (secrets.length === 0) throw new RangeError('a keyring needs a secret')
  const derived = new Map<string, readonly Buffer[]>()

  function derive(purpose: string): readonly Buffer[] {
    let keys = derived.get(purpose)
    if (keys === undefined) {
      keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, 'bureau', purpose, KEY_BYTES)))
      derived.set(purpose, keys)
    }
    return keys
  }
  const current = (purpose: string): Buffer => {
    const [key] = derive(purpose)
    if (key === undefined) throw new RangeError('a keyring needs a secret')
    return key
  }

  return {
    derive,
    mac: (purpose, text) => hmac(current(purpose), text),
    isMac: (purpose, text, mac) =>
      mac.byteLength === KEY_BYTES && derive(purpose).some((key) => timingSafeEqual(hmac(key, text), mac)),
    seal(purpose, context, bytes) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', current(purpose), iv).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(bytes), cipher.final()])
      return Buffer.concat([Buffer.of(AES_256_GCM), iv, cipher.getAuthTag(), body])
    },
    open(purpose, context, sealed) {
      const bytes = Buffer.from(sealed)
      if (bytes[0] !== AES_256_GCM || bytes.byteLength < 1 + IV_BYTES + TAG_BYTES) return null
      const iv = bytes.subarray(1, 1 + IV_BYTES)
      const tag = bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
      const body = bytes.subarray(1 + IV_BYTES + TAG_BYTES)
      for (const key of derive(purpose)) {
        const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
        decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
        const opened = decipher.update(body)
        try {
          return Buffer.concat([opened, decipher.final()])
        } catch {
          // The tag does not fit this key: an older secret's may.
        }
      }
      return null
    },
  }
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
