import type { AgentView } from './agent-facts.ts'

/** What a signed-in person has still to agree to. */
export type Consent = {
  readonly manifestHash: string
  readonly isNeeded: boolean
  /** What is new against what they agreed to before; null the first time. */
  readonly widened: {
    readonly hosts: readonly string[]
    readonly secrets: readonly string[]
    readonly max: string | null
  } | null
}

export function consentOf({ consent, manifestHash }: Pick<AgentView, 'consent' | 'manifestHash'>): Consent | null {
  if (consent === null || manifestHash === null) return null
  const { isNeeded, widened } = consent
  return {
    manifestHash,
    isNeeded,
    widened: widened === null ? null : { hosts: widened.hosts, secrets: widened.secrets, max: widened.max?.to ?? null },
  }
}
