/** What a page needs once something runs, in one file: whoever only looks at an agent loads none of it. */
export { issuesByField } from './field-of-path.ts'
export { readHold, startRun, stopRun } from './start-run.ts'
export { watchRun } from './watch-run.ts'
