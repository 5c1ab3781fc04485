import { z } from 'zod'
import type { Page } from '../http/index.ts'
import { formatCredits } from '../credits/index.ts'
import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { manifestOf } from './agent-cache.ts'
import { LIST_AGENTS, type AgentRow } from './agents.queries.ts'
import type { AgentListItem, AgentManifest } from './agents.schema.ts'

/** Newest first; the id decides between two of one moment. */
export const agentCursor = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.string().max(64)])
export type AgentCursor = z.infer<typeof agentCursor>

/** What everyone may find, and with it all of one's own account.
 * @param principal null for a visitor   @param q part of a name or description
 * @returns up to `page.take` rows @throws FORBIDDEN */
export async function listAgents(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  page: Page<AgentCursor>,
  q?: string,
): Promise<AgentRow[]> {
  if (principal !== null) authorize(principal, 'agents.read')
  const [createdAt = null, id = null] = page.after ?? []
  const search = q === undefined ? null : `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return deps.db.query(LIST_AGENTS, [principal?.accountId ?? null, search, createdAt, id, page.take])
}

export function presentListedAgent(row: AgentRow): AgentListItem {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    owner: row.owner,
    slug: row.slug,
    status: row.status,
    visibility: row.visibility,
    version: row.version,
    price: row.manifest === null ? null : presentPrice(manifestOf(row.manifest).price),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export function presentPrice(price: AgentManifest['price']): NonNullable<AgentListItem['price']> {
  return {
    run: formatCredits(price.runMicro),
    events: Object.fromEntries(Object.entries(price.events).map(([name, each]) => [name, formatCredits(each)])),
    max: formatCredits(price.maxMicro),
  }
}
