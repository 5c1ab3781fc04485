import Link from 'next/link'
import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'

/** Where one's data is, and how to take it along. */
export function DataPanel() {
  return (
    <Panel title="Data" text="What this site holds of you can be read by you, here and by the API.">
      <ul style={{ margin: 0, paddingLeft: '1.25rem' }}>
        <li>
          <Link href="/runs">Runs</Link> with input, result and logs, each to download; kept for as long as its page
          says.
        </li>
        <li>
          <Link href="/credits">The statement</Link>, as a file for a spreadsheet.
        </li>
        <li>
          Who did what in the account: <code>GET /api/audit</code>.
        </li>
      </ul>
      <p className={ui.facts}>
        <Link href="/privacy">Privacy</Link> says what is kept and why.
      </p>
    </Panel>
  )
}
