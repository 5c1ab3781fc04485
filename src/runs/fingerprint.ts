import { createHash } from 'node:crypto'

export type FingerprintFacts = {
  readonly agentId: string
  /** The version the caller pinned; null = whatever is active, so that a release between two tries changes nothing. */
  readonly pinnedVersion: number | null
  /** The raw body, or the canonical form of a multipart input (a boundary differs at every try). */
  readonly body: Uint8Array
  readonly maxChargeMicro: bigint | null
}

/** What makes two requests under one idempotency key the same request.
 * @returns SHA-256, 32 bytes, over length-prefixed parts (so that no part can pass for its neighbour) */
export function fingerprintOf(facts: FingerprintFacts): Buffer {
  const hash = createHash('sha256')
  for (const part of [facts.agentId, String(facts.pinnedVersion), String(facts.maxChargeMicro)])
    hash.update(`${Buffer.byteLength(part)}:${part};`)
  return hash.update(facts.body).digest()
}
