'use client'
import { ShieldAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import type { Consent } from '../../lib/consent.ts'
import { creditWords } from '../../lib/credits.ts'
import { priceWords, type Price } from '../../lib/price-words.ts'
import { Button } from '../ui/button.tsx'
import classes from './agent.module.css'

type ConsentPanelProps = {
  readonly agent: AgentPage
  readonly consent: Consent
  readonly onAgree: () => void
  readonly onDecline: () => void
}

/** Asked once for what an agent may do, and again only when that becomes more: then with what is new. */
export function ConsentPanel({ agent, consent, onAgree, onDecline }: ConsentPanelProps) {
  const { widened } = consent
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [])
  const hosts = widened === null ? agent.egress : widened.hosts
  const secrets = widened === null ? agent.secrets.map((secret) => secret.name) : widened.secrets
  return (
    <div className={classes.consent} role="group" aria-label="What this agent may do">
      <h3 ref={head} tabIndex={-1}>
        <ShieldAlert size={18} aria-hidden />
        {widened === null ? `Before ${agent.name} runs for you` : `${agent.name} asks for more than before`}
      </h3>
      <ul>
        {hosts.map((host) => (
          <li key={host}>
            It {widened === null ? 'sends' : 'now also sends'} what you give it to{' '}
            <strong>{host === '*' ? 'any public address' : host}</strong>
          </li>
        ))}
        {secrets.map((secret) => (
          <li key={secret}>
            It {widened === null ? 'uses' : 'now also uses'} your secret <strong>{secret}</strong>, which it never sees
            itself
          </li>
        ))}
        {widened === null ? (
          <li>{priceSentence(agent.price)}</li>
        ) : (
          widened.max !== null && (
            <li>
              A run may now cost up to <strong>{creditWords(widened.max)}</strong>
            </li>
          )
        )}
      </ul>
      <div className={classes.consentButtons}>
        <Button onClick={onAgree}>Agree and run</Button>
        <Button variant="default" onClick={onDecline}>
          Not now
        </Button>
      </div>
    </div>
  )
}

function priceSentence(price: Price | null): string {
  const words = priceWords(price)
  return words === 'Free' ? 'A run is free' : `A run costs ${words}`
}
