import { joinedChunks } from '../../lib/result-shape.ts'
import classes from './run.module.css'

/** What a run has answered so far, piece by piece. */
export function Chunks({ chunks }: { readonly chunks: readonly unknown[] }) {
  if (chunks.length === 0) return <p className={classes.blank}>Nothing has come yet.</p>
  const text = joinedChunks(chunks)
  if (text !== null) return <pre className={classes.text}>{text}</pre>
  return (
    <ol className={classes.chunks}>
      {chunks.slice(-200).map((chunk, at) => (
        <li key={chunks.length - Math.min(chunks.length, 200) + at}>
          <pre>{typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}</pre>
        </li>
      ))}
    </ol>
  )
}
