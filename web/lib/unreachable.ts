import type { RunProblem } from './run-problem.ts'

/** Where no answer came, and nothing more can be loaded to say so. */
export const UNREACHABLE: RunProblem = {
  code: 'OFFLINE',
  title: 'This site cannot be reached',
  fix: 'Check your connection, then try again.',
  retry: 'later',
  status: 0,
  detail: null,
  requestId: null,
  runId: null,
  issues: [],
  retryAfterSeconds: null,
  needed: null,
  available: null,
}
