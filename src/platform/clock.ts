/** Where time enters. Tests pass a clock of their own; leases and deadlines compare with the database's `now()`. */
export type Clock = {
  /** Wall-clock time in milliseconds since 1970. */
  nowMs(): number
  /** Monotonic milliseconds, for durations. */
  monotonicMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
