import { Download } from 'lucide-react'
import type { Artifact } from '../../lib/live-run.ts'
import { sizeWords } from '../../lib/size-words.ts'
import { untilWords } from '../../lib/time-words.ts'
import classes from './run.module.css'

type FilesViewProps = { readonly runId: string; readonly files: readonly Artifact[] }

/** What a run left to take away. Links of our own making: an agent gives a name, never an address. */
export function FilesView({ runId, files }: FilesViewProps) {
  // Files have a time of their own, shorter than that of the run's output.
  const keptUntil = files.map((file) => file.expiresAt).reduce<string | null>(earlier, null)
  const paid = files.filter((file) => file.isPaid)
  return (
    <>
      <ul className={classes.files}>
        {files.map((file) => (
          <li key={file.name}>
            <span className={classes.fileName}>{file.name}</span>
            <span className={classes.quiet}>
              {file.type}, {sizeWords(file.sizeBytes)}
            </span>
            {file.isPaid ? (
              <a href={`/api/runs/${runId}/artifacts/${encodeURIComponent(file.name)}`} download={file.name}>
                <Download size={15} aria-hidden /> Download<span className="sr-only"> {file.name}</span>
              </a>
            ) : (
              <span className={classes.quiet}>Withheld: this run was not paid</span>
            )}
          </li>
        ))}
      </ul>
      <p className={classes.under}>
        {paid.length > 1 && <a href={`/api/runs/${runId}/artifacts.zip`}>Download all as ZIP</a>}
        {keptUntil !== null && <span className={classes.quiet}>Kept until {untilWords(keptUntil)}</span>}
      </p>
    </>
  )
}

const earlier = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other < one) ? other : one
