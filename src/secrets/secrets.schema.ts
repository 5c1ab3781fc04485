import { z } from 'zod'
import { idText } from '../http/index.ts'

/** As it goes into a header: printable ASCII. Shorter ones could be guessed, and could not be blotted out of a text
 * without spoiling it. */
export const secretValue = z
  .string()
  .min(8, 'needs at least 8 characters')
  .max(8_192)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'takes printable ASCII without spaces at its ends')

export const newSecret = z.object({
  agentId: idText,
  name: z.string().max(50),
  value: secretValue.describe('Written only: no answer ever holds it'),
})
export type NewSecret = z.infer<typeof newSecret>

export const secretView = z.object({
  agentId: z.string(),
  name: z.string(),
  hosts: z.array(z.string()).describe('Where it is sent, and nowhere else'),
  setBy: z.string().describe('Who set it last'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type SecretView = z.infer<typeof secretView>

export const secretCursor = z.tuple([z.string().max(64), z.string().max(50)])
export type SecretCursor = z.infer<typeof secretCursor>

/** A secret that an agent declares, and whose value a run of the caller's would use. */
export const agentSecretView = z.object({
  name: z.string(),
  description: z.string(),
  hosts: z.array(z.string()),
  setBy: z.enum(['you', 'creator']).nullable().describe('Whose value a run uses; null: none is set'),
})
export type AgentSecretView = z.infer<typeof agentSecretView>
