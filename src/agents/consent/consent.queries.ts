import { statement } from '../../platform/database.ts'

export type ConsentRow = { manifestHash: string; terms: unknown }

/** Newest first. */
export const LIST_CONSENTS = statement<ConsentRow>(
  'agents.list_consents',
  `select manifest_hash as "manifestHash", terms from consents where account_id = $1 and agent_id = $2
   order by created_at desc, manifest_hash`,
)

/** Agreeing to the same again changes nothing. */
export const INSERT_CONSENT = statement(
  'agents.insert_consent',
  `insert into consents (account_id, agent_id, manifest_hash, terms, given_by) values ($1, $2, $3, $4, $5)
   on conflict do nothing`,
)
