import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'

/** How a program can check who somebody is without asking us. */
export function TokensPanel() {
  return (
    <Panel
      title="Client tokens"
      text="For a page or a socket of your own that acts for whoever is signed in, without ever holding their session."
    >
      <ul style={{ margin: 0, paddingLeft: '1.25rem' }}>
        <li>
          <code>POST /api/tokens</code> gives a JWT (EdDSA) of a quarter of an hour for <code>audience</code>{' '}
          <code>api</code>, or of a minute for <code>realtime</code>. Send it as <code>Authorization: Bearer</code>.
        </li>
        <li>
          Check it yourself by the keys at <a href="/.well-known/jwks.json">/.well-known/jwks.json</a>: choose by{' '}
          <code>kid</code>, accept EdDSA alone, compare <code>aud</code>.
        </li>
        <li>It ends within a second of the session that it came from, and can make neither keys nor other tokens.</li>
      </ul>
      <p className={ui.facts}>
        The <a href="/docs">reference</a> has the shapes.
      </p>
    </Panel>
  )
}
