/** What a run was of, and was given. */
export type Again = {
  /** Null where the agent is gone. */
  readonly agentId: string | null
  readonly agentHref: string
  /** Undefined where it is not kept any more. */
  readonly input: unknown
}

/** Keeps the input of a run as what was typed for its agent. @returns the address of its form */
export async function editInput({ agentId, agentHref, input }: Again): Promise<string> {
  if (agentId !== null && input !== undefined) {
    const { draftOfInput } = await import('./draft-of-input.ts')
    draftOfInput(agentId, input)
  }
  return agentHref
}
