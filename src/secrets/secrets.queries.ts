import { statement } from '../platform/database.ts'

export type SecretRow = {
  accountId: string
  agentId: string
  name: string
  hosts: string[]
  setBy: string
  createdAt: Date
  updatedAt: Date
}
export type SealedRow = SecretRow & { sealed: Buffer; keyVersion: string }

const COLUMNS = `account_id as "accountId", agent_id as "agentId", name, hosts, set_by as "setBy",
  created_at as "createdAt", updated_at as "updatedAt"`

/** $1 account, $2 agent, $3 name, $4 hosts, $5 sealed, $6 key version, $7 who. */
export const UPSERT_SECRET = statement<SecretRow>(
  'secrets.upsert',
  `insert into secrets (account_id, agent_id, name, hosts, sealed, key_version, set_by)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (account_id, agent_id, name) do update set hosts = excluded.hosts, sealed = excluded.sealed,
     key_version = excluded.key_version, set_by = excluded.set_by, updated_at = now()
   returning ${COLUMNS}`,
)

export const DELETE_SECRET = statement(
  'secrets.delete',
  'delete from secrets where account_id = $1 and agent_id = $2 and name = $3',
)

/** $2 agent or null, ($3, $4) the last one of the page before, $5 rows. */
export const LIST_SECRETS = statement<SecretRow>(
  'secrets.list',
  `select ${COLUMNS} from secrets where account_id = $1 and ($2::text is null or agent_id = $2)
     and ($3::text is null or (agent_id, name) > ($3, $4))
   order by agent_id, name limit $5`,
)

/** What the caller's account and the creator's have set for an agent. By the primary key, once for each account. */
export const FIND_SECRETS = statement<SealedRow>(
  'secrets.find',
  `select ${COLUMNS}, sealed, key_version as "keyVersion" from secrets where account_id = any ($1) and agent_id = $2`,
)

/** Only what stands as it was read: a value that was set meanwhile stays. */
export const RESEAL_SECRET = statement(
  'secrets.reseal',
  `update secrets set sealed = $5, key_version = $6
   where account_id = $1 and agent_id = $2 and name = $3 and sealed = $4`,
)
