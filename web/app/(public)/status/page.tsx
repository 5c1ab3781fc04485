import type { Metadata } from 'next'
import classes from '../../../components/catalogue/catalogue.module.css'
import { Page } from '../../../components/shell/page.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import { ask, serverApi } from '../../../lib/server-api.ts'
import { statusLines, type StatusLine } from '../../../lib/status-words.ts'

export const metadata: Metadata = { title: 'Status' }

/** How each part of this site is, asked when the page is. */
export default async function StatusPage() {
  const answer = await ask((await serverApi()).GET('/api/health'))
  // A site that is not well answers 503 with the same facts.
  const health = answer.ok ? answer.data : answer.problem.facts
  const { title, lines, at } = statusLines(health)
  return (
    <Page isNarrow>
      <PageHead title={title} text={at === null ? undefined : `Checked at ${at.slice(11, 19)} UTC.`} />
      <ul className={classes.checks}>
        {lines.map((line) => (
          <li key={line.name}>
            <strong>{line.name}</strong>
            <span data-is={line.is}>{line.words}</span>
            {line.more !== undefined && <More {...line.more} />}
          </li>
        ))}
      </ul>
    </Page>
  )
}

/** For whoever runs the site. */
function More({ why, seen, mend }: NonNullable<StatusLine['more']>) {
  if (why === null && seen.length === 0 && mend === null) return null
  return (
    <div className={classes.more}>
      {why !== null && <p>Why: {why}</p>}
      {mend !== null && (
        <p>
          The operator can mend it with: <code>{mend}</code>
        </p>
      )}
      {seen.length > 0 && (
        <details>
          <summary>What did not hold when it was tried at the start</summary>
          <ul>
            {seen.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}
