import { randomFillSync } from 'node:crypto'
import { createId } from '@paralleldrive/cuid2'
import { v7 } from 'uuid'

const RANDOM_BYTES_A_UUID = 16
/** Random bytes are asked for in bulk: a call for 16 of them costs 18 µs, as long as a run's whole way through the router. */
const random = Buffer.alloc(256 * RANDOM_BYTES_A_UUID)
let used = random.length
/** Of the last UUID: within a millisecond, and while the clock stands or goes back, the sequence counts on. */
let lastMs = -Infinity
let sequence = 0

/** A collision-resistant id for agents and the like, as Prisma's `cuid()` default would make. */
export const newCuid = (): string => createId()

/** A time-ordered id for rows of partitioned tables (RFC 9562, version 7), so that a lookup by id touches one partition.
 * Of two made in this process the later is greater. */
export function newUuidV7(): string {
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  const bytes = random.subarray(used, used + RANDOM_BYTES_A_UUID)
  used += RANDOM_BYTES_A_UUID
  const nowMs = Date.now()
  if (nowMs > lastMs) {
    lastMs = nowMs
    sequence = bytes.readInt32BE(6) & 0x7fff_ffff
  } else {
    sequence = (sequence + 1) | 0
    if (sequence === 0) lastMs++
  }
  return v7({ random: bytes, msecs: lastMs, seq: sequence })
}
