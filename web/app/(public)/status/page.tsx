import type { Metadata } from 'next'
import classes from '../../../components/catalogue/catalogue.module.css'
import { Page } from '../../../components/shell/page.tsx'
import { ask, serverApi } from '../../../lib/server-api.ts'
import { statusLines } from '../../../lib/status-words.ts'

export const metadata: Metadata = { title: 'Status' }

/** How each part of this site is, asked when the page is. */
export default async function StatusPage() {
  const answer = await ask((await serverApi()).GET('/api/health'))
  // A site that is not well answers 503 with the same facts.
  const health = answer.ok ? answer.data : answer.problem.facts
  const { title, lines, at } = statusLines(health)
  return (
    <Page isNarrow>
      <h1>{title}</h1>
      {at !== null && <p>Checked at {at.slice(11, 19)} UTC.</p>}
      <ul className={classes.checks}>
        {lines.map((line) => (
          <li key={line.name}>
            <strong>{line.name}</strong>
            <span data-is={line.is}>{line.words}</span>
          </li>
        ))}
      </ul>
    </Page>
  )
}
