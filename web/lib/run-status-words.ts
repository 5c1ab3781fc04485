const WORDS = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  timed_out: 'Timed out',
  canceled: 'Stopped',
} as const
export type RunStatus = keyof typeof WORDS

/** How a run stands, in the site's words. */
export const runStatusWords = (status: RunStatus): string => WORDS[status]
