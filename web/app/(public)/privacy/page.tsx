import type { Metadata } from 'next'
import { Page } from '../../../components/shell/page.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import ui from '../../../components/ui/ui.module.css'

export const metadata: Metadata = { title: 'Privacy', description: 'What this site keeps of you, and why.' }

export default function PrivacyPage() {
  return (
    <Page isNarrow>
      <PageHead title="Privacy" text="What this site keeps of you, and why." />
      <div className={ui.prose}>
        <p>
          The operator of this site is responsible for it and can tell you more; what follows is what the software
          keeps.
        </p>
        <h2>Of you</h2>
        <ul>
          <li>Your name and e-mail address: to know you again, and to write to you about your account.</li>
          <li>Your password only as a hash (argon2id); recovery codes and keys only as what recognises them.</li>
          <li>Sessions with address and browser, for you to see and end.</li>
          <li>Who did what in an account, for its owners.</li>
        </ul>
        <h2>Of guests</h2>
        <p>
          Who runs an agent without an account is known by a cookie alone, for thirty days, so that their runs are shown
          to them and to nobody else. That they had free runs is counted under a keyed hash of their network, never
          their address, and forgotten after two days.
        </p>
        <h2>Of your runs</h2>
        <ul>
          <li>Input, result, files and logs, for as long as the page of the run says; then they are deleted.</li>
          <li>The receipt, for as long as the account exists: credits have to add up.</li>
          <li>The creator of an agent sees none of it but counts, errors and log lines of the agent itself.</li>
          <li>What an agent sends to other hosts, it names on its page before you run it.</li>
        </ul>
        <h2>Cookies</h2>
        <p>
          One keeps you signed in, one guards forms against other sites. Your browser also remembers light or dark, and
          for a day what you typed for an agent before you signed up. Nothing is loaded from elsewhere, and nobody
          follows you around.
        </p>
      </div>
    </Page>
  )
}
