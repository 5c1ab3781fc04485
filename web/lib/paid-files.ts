import type { ExampleFile } from './agent-facts.ts'
import type { LiveRun } from './live-run.ts'

/** The files of a run that may be seen. */
export const paidFilesOf = ({ runId, artifacts }: LiveRun): ExampleFile[] =>
  artifacts
    .filter((file) => file.isPaid)
    .map((file) => ({ ...file, url: `/api/runs/${runId}/artifacts/${encodeURIComponent(file.name)}` }))
