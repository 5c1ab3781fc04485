import { isRecord } from './is-record.ts'

/** What was typed for an agent, kept for the session: it survives reload, signing in and getting credits. Secrets are
 * not in it (form-values.ts leaves them out). */
const keyOf = (agentId: string): string => `bureau-draft:${agentId}`

/** How long what somebody typed waits for them to come back from signing up: as long as the link in the mail works. */
const CARRIED_MS = 86_400_000

type Carried = { readonly until: number; readonly text: string }

/** @param nowMs for what was carried through signing up, which is taken once */
export function readDraft(agentId: string, nowMs: number): string | null {
  try {
    const kept = window.sessionStorage.getItem(keyOf(agentId))
    const carried = carriedOf(window.localStorage.getItem(keyOf(agentId)))
    if (carried === null) return kept
    window.localStorage.removeItem(keyOf(agentId))
    // In the tab that one left from, what is there is as new.
    if (kept !== null || carried.until < nowMs) return kept
    window.sessionStorage.setItem(keyOf(agentId), carried.text)
    return carried.text
  } catch {
    return null // storage is forbidden here: there is nothing to keep
  }
}

export function keepDraft(agentId: string, inputJson: string | null): void {
  try {
    if (inputJson === null) window.sessionStorage.removeItem(keyOf(agentId))
    else window.sessionStorage.setItem(keyOf(agentId), inputJson)
  } catch {
    // Full, or forbidden: typing goes on without being kept.
  }
}

/** Before one leaves to sign in or up: the link in the mail opens another tab, which has a session of its own. */
export function carryDraft(agentId: string, nowMs: number): void {
  try {
    const text = window.sessionStorage.getItem(keyOf(agentId))
    if (text === null) return
    const carried: Carried = { until: nowMs + CARRIED_MS, text }
    window.localStorage.setItem(keyOf(agentId), JSON.stringify(carried))
  } catch {
    // As above.
  }
}

function carriedOf(stored: string | null): Carried | null {
  if (stored === null) return null
  const value: unknown = JSON.parse(stored)
  return isRecord(value) && typeof value['until'] === 'number' && typeof value['text'] === 'string'
    ? { until: value['until'], text: value['text'] }
    : null
}
