import Link from 'next/link'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { languageWords } from '../../lib/language-words.ts'
import { priceWords } from '../../lib/price-words.ts'
import { egressWords, successWords } from '../../lib/run-words.ts'
import { durationWords, keptWords } from '../../lib/time-words.ts'
import { AgentIcon } from './agent-icon.tsx'
import { ReportButton } from './report-button.tsx'
import classes from './agent.module.css'

const ISOLATION_WORDS: Readonly<Record<string, string>> = {
  strong: 'Strong isolation',
  process: 'Isolated by process only',
  none: 'Not isolated',
}

const FEW_RUNS = 20

/** Name, sentence, creator, and the facts one decides by. */
export function AgentHead({ agent }: { readonly agent: AgentPage }) {
  const speed =
    agent.latency === null
      ? agent.typical === null || agent.typical.ms === 0
        ? null
        : `usually ${durationWords(agent.typical.ms)}`
      : // Of a few runs nineteen in twenty are all of them.
        agent.success.runs < FEW_RUNS
        ? `usually ${durationWords(agent.latency.p50Ms)}`
        : `${durationWords(agent.latency.p50Ms)}, 95 % within ${durationWords(agent.latency.p95Ms)}`
  const facts = [
    { name: 'Price', value: priceWords(agent.price) },
    ...(speed === null ? [] : [{ name: 'Time', value: speed }]),
    { name: 'Success', value: successWords(agent.success) },
    { name: 'Network', value: egressWords(agent.egress) },
    ...(agent.language === null ? [] : [{ name: 'Language', value: languageWords(agent.language) }]),
    ...(agent.isolation === null
      ? []
      : [{ name: 'Sandbox', value: ISOLATION_WORDS[agent.isolation] ?? agent.isolation }]),
    ...(agent.keptMs === null ? [] : [{ name: 'Your data', value: keptWords(agent.keptMs) }]),
  ]
  return (
    <header className={classes.agentHead}>
      <div className={classes.agentTitle}>
        <AgentIcon agent={agent} size="l" />
        <div>
          <h1>{agent.name}</h1>
          <p className={classes.by}>
            by <Link href={`/creators/${agent.owner}`}>{agent.ownerName}</Link>
            {agent.version !== null && <span className={classes.version}>v{agent.version}</span>}{' '}
            {agent.isOwn ? (
              <Link href={`/agents/${agent.owner}/${agent.slug}/failures`}>Failures</Link>
            ) : (
              <ReportButton agentId={agent.id} name={agent.name} />
            )}
          </p>
        </div>
      </div>
      <p className={classes.lead}>{agent.description}</p>
      {agent.version !== agent.currentVersion && agent.currentVersion !== null && (
        <p className={classes.warning} role="note">
          You look at version {agent.version}; version {agent.currentVersion} is the current one.{' '}
          <Link href={`/agents/${agent.owner}/${agent.slug}`}>Go to the current version</Link>
        </p>
      )}
      {agent.status !== 'active' && (
        <p className={classes.warning} role="note">
          This agent cannot be run now: its creator or the operator has taken it out ({agent.status.replace('_', ' ')}).
        </p>
      )}
      <dl className={classes.headFacts}>
        {facts.map((fact) => (
          <div key={fact.name}>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
    </header>
  )
}
