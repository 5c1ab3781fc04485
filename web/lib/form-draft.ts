/** What was typed for an agent, kept for the session: it survives reload, signing in and getting credits. Secrets are
 * not in it (form-values.ts leaves them out). */
const keyOf = (agentId: string): string => `bureau-draft:${agentId}`

export function readDraft(agentId: string): string | null {
  try {
    return window.sessionStorage.getItem(keyOf(agentId))
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
