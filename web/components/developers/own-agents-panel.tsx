import { Boxes } from 'lucide-react'
import Link from 'next/link'
import { latelyWords, readOwnAgents, standingWords, versionWords, type OwnAgent } from '../../lib/own-agents.ts'
import { ask, serverApi } from '../../lib/server-api.ts'
import { siteAddress } from '../../lib/site-address.ts'
import type { Me } from '../../lib/session.ts'
import { EmptyState } from '../states/empty-state.tsx'
import { ListState } from '../states/list-state.tsx'
import { Badge } from '../ui/badge.tsx'
import { CopyText } from '../ui/copy-text.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'

const A_PAGE = 25

type OwnAgentsPanelProps = {
  readonly person: Me
  /** Where the page before ended; null for the first. */
  readonly cursor: string | null
}

/** What the account publishes: where each stands, how it did lately, and the way to its page and its failures. */
export async function OwnAgentsPanel({ person, cursor }: OwnAgentsPanelProps) {
  const query = { limit: A_PAGE, ...(cursor === null ? {} : { cursor }) }
  const answer = await ask((await serverApi()).GET('/api/agents/own', { params: { query } }))
  const title = 'Agents'
  if (!answer.ok)
    return (
      <Panel title={title} id="agents">
        <ListState kind="failed" problem={answer.problem}>
          <LinkButton href="/developers" variant="default">
            Begin at the first
          </LinkButton>
        </ListState>
      </Panel>
    )
  const agents = readOwnAgents(answer.data.items)
  const { nextCursor } = answer.data
  const mayPublish = person.permissions.includes('agents.write')
  if (agents.length === 0 && cursor === null)
    return (
      <Panel title={title} id="agents">
        <EmptyState
          icon={Boxes}
          title="No agents yet"
          text={
            mayPublish
              ? 'An agent is a folder with agent.ts or agent.py: what it takes, what it costs, what it does. Publish one, and it stands here with its runs and what it earned.'
              : `What ${person.account.name} publishes stands here, with its runs and what it earned. Your role does not publish: ask an owner, an admin or a developer of the account.`
          }
        >
          {mayPublish ? (
            <LinkButton href="#publish">How to publish</LinkButton>
          ) : (
            <LinkButton href="/agents" variant="default">
              Explore agents
            </LinkButton>
          )}
        </EmptyState>
        {mayPublish && <HowToPublish address={await siteAddress()} isOpen />}
      </Panel>
    )
  return (
    <Panel
      title={title}
      id="agents"
      text={`What ${person.account.name} publishes. Your own runs are not counted; the counts are a minute or two old.`}
    >
      <Rows>
        {agents.map((agent) => (
          <OwnAgentRow key={agent.id} agent={agent} />
        ))}
      </Rows>
      {(nextCursor !== null || cursor !== null) && (
        <nav className={ui.facts} aria-label="Pages of agents" style={{ display: 'flex', gap: '1.25rem' }}>
          {cursor !== null && <Link href="/developers#agents">First agents</Link>}
          {nextCursor !== null && (
            <Link href={`/developers?agents=${encodeURIComponent(nextCursor)}#agents`}>More agents</Link>
          )}
        </nav>
      )}
      {mayPublish && <HowToPublish address={await siteAddress()} isOpen={false} />}
    </Panel>
  )
}

function OwnAgentRow({ agent }: { readonly agent: OwnAgent }) {
  const path = `/agents/${agent.owner}/${agent.slug}`
  const { status } = agent
  return (
    <Row
      title={
        <>
          <Link href={path}>{agent.name}</Link>
          <Badge color={status === 'active' ? 'green' : status === 'suspended' ? 'red' : 'gray'}>
            {standingWords(agent)}
          </Badge>
        </>
      }
      note={
        <>
          {versionWords(agent)}
          <br />
          {latelyWords(agent)}
        </>
      }
    >
      <LinkButton href={`${path}/failures`} variant="default" size="sm" aria-label={`Failures of ${agent.name}`}>
        Failures
      </LinkButton>
    </Row>
  )
}

/** The two commands, and where the rest stands. */
function HowToPublish({ address, isOpen }: { readonly address: string; readonly isOpen: boolean }) {
  return (
    <details id="publish" open={isOpen} style={{ marginTop: '1rem' }}>
      <summary style={{ cursor: 'pointer' }}>How to publish</summary>
      <p className={ui.facts}>
        Make a key below that may read and publish agents, then publish the folder from a copy of this software.
        Publishing it again makes a new version; or send its files as JSON to <code>POST /api/agents</code>: see the{' '}
        <a href="/docs">reference</a>.
      </p>
      <CopyText
        label="Commands"
        text={`export BUREAU_API_URL=${address} BUREAU_API_KEY=bur_…\nnpx bureau agent publish ./my-agent --visibility public`}
      />
    </details>
  )
}
