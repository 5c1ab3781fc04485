import { createBoundedCache } from '../../platform/bounded-cache.ts'
import type { Database, Queryable } from '../../platform/database.ts'
import { authorize, recordAudit, type Origin, type Principal } from '../../users/index.ts'
import { agentsErrors } from '../agents.errors.ts'
import { INSERT_CONSENT, LIST_CONSENTS } from './consent.queries.ts'
import { consentTerms, isNothingAsked, wideningOf, type ConsentTerms, type Widening } from './terms.ts'

/** The part of an agent that consent is about. */
export type AgentTerms = {
  readonly agentId: string
  /** The creator's account: it asks itself for nothing. */
  readonly accountId: string
  readonly manifestHash: string
  readonly terms: ConsentTerms
}

/** What an account agreed to, by agent. */
export type Consents = {
  /** Lets a run pass, or asks. The first run through the API agrees to what the agent declares; from then on only what
   * goes beyond it is asked for.
   * @param givenHash the caller's `Bureau-Consent`, null without
   * @throws CONSENT_REQUIRED saying what is asked beyond what was agreed to */
  require(principal: Principal, agent: AgentTerms, givenHash: string | null): Promise<void>
}

/** Agreements known to stand: they are never taken back, so knowing them needs no expiry. */
const KNOWN_AT_MOST = 50_000

export function createConsents(deps: { readonly db: Database }): Consents {
  const known = createBoundedCache<true>(KNOWN_AT_MOST)
  return {
    async require(principal, agent, givenHash) {
      if (principal.accountId === agent.accountId) return
      if (givenHash !== null && givenHash !== agent.manifestHash)
        throw agentsErrors.CONSENT_REQUIRED({ agentId: agent.agentId, manifestHash: agent.manifestHash, widened: null })
      const key = `${principal.accountId} ${agent.manifestHash}`
      if (known.get(key)) return
      const standing = await standingOf(deps.db, principal.accountId, agent)
      const { manifestHash, agentId } = agent
      if (standing.kind === 'widened' && givenHash === null)
        throw agentsErrors.CONSENT_REQUIRED({ agentId, manifestHash, widened: standing.widened })
      if (standing.kind !== 'agreed') await insertConsent(deps.db, principal, agent)
      known.set(key, true)
    },
  }
}

export type ConsentState = { readonly isNeeded: boolean; readonly widened: Widening | null }

/** Does this account have to be asked before it runs the agent on the page, and what is new since it was asked last? */
export async function findConsent(
  deps: { readonly db: Queryable },
  accountId: string,
  agent: AgentTerms,
): Promise<ConsentState> {
  if (accountId === agent.accountId) return { isNeeded: false, widened: null }
  const standing = await standingOf(deps.db, accountId, agent)
  switch (standing.kind) {
    case 'agreed':
      return { isNeeded: false, widened: null }
    case 'first':
      return { isNeeded: !isNothingAsked(agent.terms), widened: null }
    case 'widened':
      return { isNeeded: true, widened: standing.widened }
  }
}

/** Agrees to an agent's terms for the principal's account. A second time changes nothing.
 * @param manifestHash the terms that were shown; others than the agent's of now are refused
 * @throws FORBIDDEN, CONSENT_REQUIRED with the hash of the terms that are to be shown instead */
export async function giveConsent(
  deps: { readonly db: Database },
  principal: Principal,
  agent: AgentTerms,
  manifestHash: string,
  origin: Origin = {},
): Promise<void> {
  authorize(principal, 'runs.create', { agentId: agent.agentId })
  if (manifestHash !== agent.manifestHash)
    throw agentsErrors.CONSENT_REQUIRED({ agentId: agent.agentId, manifestHash: agent.manifestHash, widened: null })
  await insertConsent(deps.db, principal, agent, origin)
}

async function insertConsent(
  db: Database,
  principal: Principal,
  agent: AgentTerms,
  origin: Origin = {},
): Promise<void> {
  await db.transaction(async (tx) => {
    const added = await tx.execute(INSERT_CONSENT, [
      principal.accountId,
      agent.agentId,
      agent.manifestHash,
      JSON.stringify(agent.terms),
      principal.id,
    ])
    if (added === 0) return
    await recordAudit(
      tx,
      {
        actor: principal.id,
        accountId: principal.accountId,
        action: 'consent.given',
        subject: `agent:${agent.agentId}`,
        details: { manifestHash: agent.manifestHash, ...agent.terms },
      },
      origin,
    )
  })
}

type Standing =
  | { readonly kind: 'agreed' }
  | { readonly kind: 'first' }
  | { readonly kind: 'widened'; readonly widened: Widening }

/** One agreement that covers all that is asked is enough; what is new is told against the newest. */
async function standingOf(db: Queryable, accountId: string, agent: AgentTerms): Promise<Standing> {
  const rows = await db.query(LIST_CONSENTS, [accountId, agent.agentId])
  let newest: Widening | undefined
  for (const row of rows) {
    const widened = wideningOf(consentTerms.parse(row.terms), agent.terms)
    if (widened === null) return { kind: 'agreed' }
    newest ??= widened
  }
  return newest === undefined ? { kind: 'first' } : { kind: 'widened', widened: newest }
}
