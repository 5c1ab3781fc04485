import { hash, randomBytes } from 'node:crypto'

/** `bur_` + 8 characters that a list may show + 32 random bytes. Long enough that guessing is hopeless, so a fast hash
 * is enough: there is nothing to slow an attacker down for. */
const KEY = /^bur_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/

export type FreshSecret = { readonly text: string; readonly prefix: string; readonly hash: Buffer }

export function makeKey(): FreshSecret {
  const prefix = `bur_${randomBytes(4).toString('hex')}`
  const text = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { text, prefix, hash: hashSecret(text) }
}

export const looksLikeKey = (text: string): boolean => KEY.test(text)

/** SHA-256 in base64, to look things up by in memory. */
export const hashText = (text: string): string => hash('sha256', text, 'base64')

/** What is stored of a key or a link. @returns SHA-256, 32 bytes */
export const hashSecret = (text: string): Buffer => Buffer.from(hashText(text), 'base64')
