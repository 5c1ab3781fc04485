import type { Keyring } from '../platform/keyring.ts'

const PURPOSE = 'secrets'

/** Whose a sealed value is: put into another row, it does not open. */
export type SecretOwner = { readonly accountId: string; readonly agentId: string; readonly name: string }

const contextOf = ({ accountId, agentId, name }: SecretOwner): string => JSON.stringify([accountId, agentId, name])

export function sealSecret(keyring: Keyring, owner: SecretOwner, value: string): Buffer {
  return keyring.seal(PURPOSE, contextOf(owner), Buffer.from(value))
}

/** @returns null for what was sealed under a secret of the site that is no longer configured, or was changed */
export function openSecret(keyring: Keyring, owner: SecretOwner, sealed: Uint8Array): string | null {
  return keyring.open(PURPOSE, contextOf(owner), sealed)?.toString('utf8') ?? null
}

/** Names the key that {@link sealSecret} uses now, without telling anything of it. */
export function keyVersionOf(keyring: Keyring): string {
  return keyring.mac('secrets key version', '1').toString('hex', 0, 8)
}
