/** Something that is started, drained and stopped with the process. The constructor acquires nothing. */
export type Service = {
  readonly name: string
  /** Acquires; resolved means ready. The signal aborts a start that is no longer wanted. */
  start(signal: AbortSignal): Promise<void>
  /** Refuses new work and finishes the old, or hands it back, within `byMs` milliseconds. */
  drain?(byMs: number): Promise<void>
  /** Releases. Idempotent, and safe after a start that failed. */
  stop(): Promise<void>
}
