/** The word for each state. The only place where a state is named. */
export const STATUS_WORDS = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  timed_out: 'Timed out',
  canceled: 'Stopped',
} as const

export type RunStatus = keyof typeof STATUS_WORDS

/** How a run stands, in the site's words. */
export const runStatusWords = (status: RunStatus): string => STATUS_WORDS[status]

export const isOver = (status: RunStatus): boolean => status !== 'queued' && status !== 'running'
