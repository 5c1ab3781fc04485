import 'server-only'
import { agentCardOf, agentPageOf, facetsOf, type AgentCard, type AgentPage, type Facets } from './agent-facts.ts'
import { catalogueParams, type CatalogueQuery } from './catalogue-query.ts'
import { isRecord, textOr } from './is-record.ts'
import type { Answer } from './problem.ts'
import { serverRead } from './server-read.ts'

const MOST_A_PAGE = 100

export type FoundAgents = {
  readonly items: readonly AgentCard[]
  readonly hasMore: boolean
  /** Names like what was searched for, where nothing was found. */
  readonly nearest: readonly { readonly name: string; readonly owner: string; readonly slug: string }[]
}

/** The agents that a query shows: as many as it says, over as many pages of the API as that takes. */
export async function findAgents(query: CatalogueQuery): Promise<Answer<FoundAgents>> {
  const items: AgentCard[] = []
  let cursor: string | undefined
  for (;;) {
    const limit = Math.min(query.show - items.length, MOST_A_PAGE)
    const answer = await serverRead('/api/agents', { ...catalogueParams(query), sort: query.sort, limit, cursor })
    if (!answer.ok) return answer
    const page = isRecord(answer.data) ? answer.data : {}
    items.push(...(Array.isArray(page['items']) ? page['items'].flatMap(agentCardOf) : []))
    cursor = typeof page['nextCursor'] === 'string' ? page['nextCursor'] : undefined
    if (cursor === undefined || items.length >= query.show)
      return { ok: true, data: { items, hasMore: cursor !== undefined, nearest: nearestOf(page['nearest']) } }
  }
}

function nearestOf(value: unknown): FoundAgents['nearest'] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown) => {
    if (!isRecord(each)) return []
    const { name, owner, slug } = each
    if (typeof name !== 'string' || typeof owner !== 'string' || typeof slug !== 'string') return []
    return [{ name, owner, slug }]
  })
}

/** How many agents each further choice would leave; null where it cannot be told now: the list stands without. */
export async function countFacets(query: CatalogueQuery): Promise<Facets | null> {
  const answer = await serverRead('/api/agents/facets', catalogueParams(query))
  return answer.ok ? facetsOf(answer.data) : null
}

export async function getAgentByName(owner: string, slug: string): Promise<Answer<AgentPage | null>> {
  const answer = await serverRead(`/api/agents/by-name/${encodeURIComponent(owner)}/${encodeURIComponent(slug)}`)
  return answer.ok ? { ok: true, data: agentPageOf(answer.data) } : answer
}

export async function getAgent(id: string): Promise<AgentPage | null> {
  const answer = await serverRead(`/api/agents/${encodeURIComponent(id)}`)
  return answer.ok ? agentPageOf(answer.data) : null
}

/** A few agents with their stored examples: what a first visit starts with. */
export async function getStartAgents(): Promise<AgentPage[]> {
  const answer = await serverRead('/api/agents', { sort: 'runs', limit: 6 })
  if (!answer.ok || !isRecord(answer.data) || !Array.isArray(answer.data['items'])) return []
  const pages = await Promise.all(answer.data['items'].flatMap(agentCardOf).map((card) => getAgent(card.id)))
  return pages.flatMap((page) => (page === null || page.examples.length === 0 ? [] : [page])).slice(0, 3)
}

export type Creator = {
  readonly name: string
  readonly slug: string
  readonly agents: number
  readonly createdAt: string
  readonly items: readonly AgentCard[]
}

export async function getCreator(name: string): Promise<Answer<Creator>> {
  const answer = await serverRead(`/api/creators/${encodeURIComponent(name)}`, { limit: MOST_A_PAGE })
  if (!answer.ok) return answer
  const view = isRecord(answer.data) ? answer.data : {}
  return {
    ok: true,
    data: {
      name: textOr(view['name'], name),
      slug: textOr(view['slug'], name),
      agents: Number(view['agents'] ?? 0),
      createdAt: textOr(view['createdAt'], ''),
      items: Array.isArray(view['items']) ? view['items'].flatMap(agentCardOf) : [],
    },
  }
}
