/** What a page needs once something runs, in one file: whoever only looks at an agent loads none of it. */
export { admittedRun, withEvents, withHold, withView } from './live-run.ts'
export { followRun } from './run-stream.ts'
export { sendRun } from './send-run.ts'
