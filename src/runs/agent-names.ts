import { z } from 'zod'
import { statement, type Queryable } from '../platform/database.ts'

/** An agent as a line about a run names it. */
export const namedAgent = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  slug: z.string(),
  icon: z.string().nullable(),
})
export type NamedAgent = z.infer<typeof namedAgent>

const FIND_NAMES = statement<NamedAgent>(
  'runs.find_agent_names',
  `select a.id, a.name, o.slug as owner, a.slug, a.icon from "Agent" a join "Account" o on o.id = a."accountId"
   where a.id = any($1::text[])`,
)

/** How the agents of some runs are called, by id; one that is gone is left out. Whoever paid for a run may know what it
 * was, whatever became of the agent since. */
export async function findAgentNames(
  db: Queryable,
  runs: readonly { readonly agentId: string }[],
): Promise<ReadonlyMap<string, NamedAgent>> {
  if (runs.length === 0) return new Map()
  const rows = await db.query(FIND_NAMES, [[...new Set(runs.map(({ agentId }) => agentId))]])
  return new Map(rows.map((row) => [row.id, row]))
}
