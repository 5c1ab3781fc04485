import { keepDraft } from './form-draft.ts'
import { sendableInput } from './form-values.ts'

/** What a run was given becomes what was typed for its agent. */
export function draftOfInput(agentId: string, input: unknown): void {
  keepDraft(agentId, JSON.stringify(sendableInput(input), null, 2))
}
