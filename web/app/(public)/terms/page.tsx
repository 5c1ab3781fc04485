import type { Metadata } from 'next'
import { Page } from '../../../components/shell/page.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import ui from '../../../components/ui/ui.module.css'

export const metadata: Metadata = { title: 'Terms', description: 'What running and publishing agents here means.' }

export default function TermsPage() {
  return (
    <Page isNarrow>
      <PageHead title="Terms" text="How this site works for callers and creators, as its software holds it." />
      <div className={ui.prose}>
        <p>
          Whoever operates this site decides who may use it, what credits cost and which law applies; ask them. What
          follows is what the software does, whoever runs it.
        </p>
        <h2>Credits</h2>
        <ul>
          <li>Before a run begins, the most that it can cost is set aside. Nothing is ever charged beyond that.</li>
          <li>A run that fails, times out or is lost costs nothing. One that you stop costs what it had delivered.</li>
          <li>What was set aside and not charged is returned the moment the run ends, and its receipt says so.</li>
          <li>Credits that were given are spent before those that were bought. They cannot be paid out.</li>
        </ul>
        <h2>Agents of others</h2>
        <ul>
          <li>Agents are made by their creators, not by the operator. Judge a result before you rely on it.</li>
          <li>
            An agent runs walled off, gets only what you give it, and can reach only the hosts that its page names. When
            a version wants more, you are asked first.
          </li>
          <li>Run nothing, and give nothing to an agent, that you have no right to.</li>
        </ul>
        <h2>Publishing</h2>
        <ul>
          <li>Your code stays yours. By publishing you let this site run it for its callers.</li>
          <li>You see counts, errors and log lines of your agent, never a caller’s input, result or name.</li>
          <li>The operator may suspend an agent that harms others.</li>
        </ul>
      </div>
    </Page>
  )
}
