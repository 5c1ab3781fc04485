import { aCaller } from '../../test/support/callers.ts'
import type { BenchSite } from '../bureau-site.ts'
import { encodeRequest } from '../load/http-connection.ts'

/** Never spent: the bench is about runs, not about running out. */
const PLENTY_MICRO = 1_000_000_000_000n

export type BenchCaller = {
  readonly accountId: string
  readonly apiKey: string
  /** A run of the agent, as bytes. */
  request(agentId: string, body: string): Buffer
}

/** Callers with an account each, and credits that do not run out. */
export async function callersOf(site: BenchSite, count: number): Promise<BenchCaller[]> {
  const callers: BenchCaller[] = []
  for (let n = 1; n <= count; n += 1) {
    const { accountId, apiKey } = await aCaller(site.db, PLENTY_MICRO, `Bench ${n}`)
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' }
    callers.push({
      accountId,
      apiKey,
      request: (agentId, body) =>
        encodeRequest('POST', new URL(`/api/agents/${agentId}/run`, site.server.url), headers, body),
    })
  }
  return callers
}
