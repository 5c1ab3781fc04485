import type { RunnableAgent } from '../agents/index.ts'
import { statement, type Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { EgressGrant, HostRecord } from '../sandbox/index.ts'
import { openSecrets, type OpenSecretsDeps } from '../secrets/index.ts'

/** What a run may reach, and what it reached. */
export type RunNetwork = {
  /** Hosts of the manifest, and the secrets that are set for this payer. */
  grant(accountId: string, agent: RunnableAgent): Promise<EgressGrant>
  /** Before the run is settled, so that a run that has ended has its record. */
  record(accountId: string, runId: string, hosts: readonly HostRecord[]): Promise<void>
}

const INSERT_EGRESS = statement(
  'runs.insert_egress',
  `insert into run_egress (account_id, run_id, host, requests, refused, sent_bytes, received_bytes)
   select $1, $2::uuid, h.host, h.requests, h.refused, h."sentBytes", h."receivedBytes"
   from jsonb_to_recordset($3::jsonb)
     as h (host text, requests int, refused int, "sentBytes" int8, "receivedBytes" int8)
   on conflict do nothing`,
)

type EgressRow = { host: string; requests: number; refused: number; sentBytes: bigint; receivedBytes: bigint }

const LIST_EGRESS = statement<EgressRow>(
  'runs.list_egress',
  `select host, requests, refused, sent_bytes as "sentBytes", received_bytes as "receivedBytes"
   from run_egress where account_id = $1 and run_id = $2 order by requests desc, host`,
)

export function createRunNetwork(deps: OpenSecretsDeps & { readonly log: Logger }): RunNetwork {
  return {
    async grant(accountId, agent) {
      return { hosts: agent.manifest.egress, secrets: await openSecrets(deps, accountId, agent) }
    },
    async record(accountId, runId, hosts) {
      if (hosts.length === 0) return
      // A host as a URL has it is ASCII without control characters, so JSON can hold it.
      try {
        await deps.db.execute(INSERT_EGRESS, [accountId, runId, JSON.stringify(hosts)])
      } catch (error) {
        // The record serves the reader; the run itself has ended and is to be settled.
        deps.log.warn({ err: error, runId }, 'what a run did over the network could not be written down')
      }
    },
  }
}

/** What a run did over the network, by host, the busiest first. */
export async function listRunEgress(
  deps: { readonly db: Queryable },
  accountId: string,
  runId: string,
): Promise<HostRecord[]> {
  const rows = await deps.db.query(LIST_EGRESS, [accountId, runId])
  return rows.map(({ sentBytes, receivedBytes, ...row }) => ({
    ...row,
    sentBytes: Number(sentBytes),
    receivedBytes: Number(receivedBytes),
  }))
}
