import { Play } from 'lucide-react'
import Link from 'next/link'
import { amountWords, creditWords } from '../../lib/credits.ts'
import { homeNotes } from '../../lib/home-notes.ts'
import { runStatusWords } from '../../lib/run-status-words.ts'
import { ask, serverApi } from '../../lib/server-api.ts'
import type { Me } from '../../lib/session.ts'
import { spentWithinDay } from '../../lib/spend.ts'
import { ageWords } from '../../lib/time-words.ts'
import { EmptyState } from '../states/empty-state.tsx'
import { ListState } from '../states/list-state.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Panel } from '../ui/panel.tsx'
import classes from './home.module.css'

/** What needs the person, what they ran, what they have, and what they could try. */
export async function HomePanels({ person }: { readonly person: Me }) {
  const api = await serverApi()
  const may = (permission: Me['permissions'][number]) => person.permissions.includes(permission)
  const [runs, balance, transfers, agents] = await Promise.all([
    may('runs.read') ? ask(api.GET('/api/runs', { params: { query: { limit: 6 } } })) : null,
    may('credits.read') ? ask(api.GET('/api/credits')) : null,
    may('credits.read') ? ask(api.GET('/api/credits/transfers', { params: { query: { limit: 100 } } })) : null,
    ask(api.GET('/api/agents', { params: { query: { limit: 100 } } })),
  ])
  const names = new Map(agents.ok ? agents.data.items.map(({ id, name }) => [id, name]) : [])
  const notes = homeNotes({
    hasPassword: person.user.hasPassword,
    hasTwoFactor: person.user.hasTwoFactor,
    isAdmin: may('admin'),
    available: balance?.ok === true ? balance.data.available : null,
    spentMicro: transfers?.ok === true ? spentWithinDay(transfers.data.items, Date.now()) : 0n,
  })
  const now = Date.now()
  return (
    <>
      {notes.length > 0 && (
        <ul className={classes.notes} aria-label="Needs you">
          {notes.map((note) => (
            <li key={note.id} className={classes.note}>
              <div>
                <strong>{note.title}</strong>
                <span>{note.text}</span>
              </div>
              <LinkButton href={note.href} size="sm" variant="default">
                {note.action}
              </LinkButton>
            </li>
          ))}
        </ul>
      )}
      <div className={classes.grid}>
        {runs === null ? null : (
          <Panel title="Last runs" action={runs.ok && runs.data.items.length > 0 && <Link href="/runs">All runs</Link>}>
            {!runs.ok && <ListState kind="failed" problem={runs.problem} />}
            {runs.ok && runs.data.items.length === 0 && (
              <EmptyState
                icon={Play}
                title="You have not run anything yet"
                text="An agent shows what it gives before you run it."
              >
                <LinkButton href="/agents">Find an agent</LinkButton>
              </EmptyState>
            )}
            {runs.ok && runs.data.items.length > 0 && (
              <ul className={classes.runs}>
                {runs.data.items.map(({ runId, agentId, status = 'queued', charge = '0', createdAt }) => (
                  <li key={runId}>
                    <Link href={`/runs/${runId}`} className={classes.run}>
                      <span>
                        <strong>{names.get(agentId) ?? 'An agent'}</strong>{' '}
                        <span className={status === 'failed' || status === 'timed_out' ? classes.bad : classes.status}>
                          {runStatusWords(status)}
                        </span>
                      </span>
                      <small>
                        {[
                          // What a run costs is known when it is over.
                          ...(status === 'queued' || status === 'running' ? [] : [creditWords(charge)]),
                          ...(createdAt === undefined ? [] : [`${ageWords(Date.parse(createdAt), now)} ago`]),
                        ].join(', ')}
                      </small>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        )}
        <div className={classes.side}>
          {balance !== null && (
            <Panel title="Credits" action={<Link href="/credits">Statement</Link>}>
              {balance.ok ? (
                <>
                  <div className={classes.big}>
                    {amountWords(balance.data.available)} <span className={classes.unit}>to spend</span>
                  </div>
                  <p className={classes.facts}>{amountWords(balance.data.held)} set aside for runs that are going.</p>
                </>
              ) : (
                <ListState kind="failed" problem={balance.problem} />
              )}
            </Panel>
          )}
          {agents.ok && agents.data.items.length > 0 && (
            <Panel title="To try">
              <ul className={classes.runs}>
                {agents.data.items.slice(0, 3).map(({ id, name, description }) => (
                  <li key={id}>
                    <Link href={`/agents?q=${encodeURIComponent(name ?? '')}`} className={classes.run}>
                      <span>
                        <strong>{name}</strong>
                        <br />
                        <span className={classes.status}>{firstSentence(description ?? '')}</span>
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
      </div>
    </>
  )
}

/** A description may be 5 000 characters; its first sentence says what the agent does. */
function firstSentence(text: string): string {
  const [first = ''] = text.split(/(?<=[.!?])\s/, 1)
  return first.length > 140 ? `${first.slice(0, 139)}…` : first
}
