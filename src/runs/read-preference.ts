/** What a caller of the run route prefers (RFC 7240); what is not known or not readable is ignored, as it says. */
export type RunPreference = {
  /** How long to wait for a queued run, in milliseconds; null = execute it within the request. */
  readonly queueAndWaitMs: number | null
  /** For the header Preference-Applied; null where nothing was preferred. */
  readonly applied: string | null
}

/** Longer waits end in proxies that have given up. */
const MOST_WAIT_SECONDS = 600

/** `respond-async` queues the run and answers at once; `wait=N` queues it and waits N seconds at most. */
export function readPreference(header: string | string[] | undefined): RunPreference {
  const preferred = String(header ?? '')
    .split(',')
    .map((part) => (part.split(';', 1)[0] ?? '').trim().toLowerCase())
  const wait = preferred.map((part) => /^wait\s*=\s*"?(\d{1,9})"?$/.exec(part)?.[1]).find((n) => n !== undefined)
  if (wait !== undefined) {
    const seconds = Math.min(Number(wait), MOST_WAIT_SECONDS)
    return { queueAndWaitMs: seconds * 1_000, applied: `wait=${seconds}` }
  }
  return preferred.includes('respond-async')
    ? { queueAndWaitMs: 0, applied: 'respond-async' }
    : { queueAndWaitMs: null, applied: null }
}
