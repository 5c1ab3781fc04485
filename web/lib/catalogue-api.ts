import 'server-only'
import {
  agentCardOf,
  agentPageOf,
  facetsOf,
  type AgentCard,
  type AgentList,
  type AgentPage,
  type Facets,
} from './agent-facts.ts'
import { catalogueFilters, type CatalogueQuery } from './catalogue-query.ts'
import type { Answer } from './problem.ts'
import { ask, serverApi } from './server-api.ts'

const MOST_A_PAGE = 100

export type FoundAgents = {
  readonly items: readonly AgentCard[]
  readonly hasMore: boolean
  /** Names like what was searched for, where nothing was found. */
  readonly nearest: readonly { readonly name: string; readonly owner: string; readonly slug: string }[]
}

/** The agents that a query shows: as many as it says, over as many pages of the API as that takes. */
export async function findAgents(query: CatalogueQuery): Promise<Answer<FoundAgents>> {
  const api = await serverApi()
  const items: AgentCard[] = []
  let cursor: string | null = null
  for (;;) {
    const limit = Math.min(query.show - items.length, MOST_A_PAGE)
    const asked = { ...catalogueFilters(query), sort: query.sort, limit, ...(cursor === null ? {} : { cursor }) }
    const answer: Answer<AgentList> = await ask(api.GET('/api/agents', { params: { query: asked } }))
    if (!answer.ok) return answer
    const page: AgentList = answer.data
    items.push(...page.items.flatMap(agentCardOf))
    cursor = page.nextCursor
    if (cursor === null || items.length >= query.show)
      return { ok: true, data: { items, hasMore: cursor !== null, nearest: page.nearest ?? [] } }
  }
}

/** How many agents each further choice would leave; null where it cannot be told now: the list stands without. */
export async function countFacets(query: CatalogueQuery): Promise<Facets | null> {
  const api = await serverApi()
  const answer = await ask(api.GET('/api/agents/facets', { params: { query: catalogueFilters(query) } }))
  return answer.ok ? facetsOf(answer.data) : null
}

/** @param version another one than the active one; null for that */
export async function getAgentByName(
  owner: string,
  slug: string,
  version: number | null,
): Promise<Answer<AgentPage | null>> {
  const api = await serverApi()
  const answer = await ask(
    api.GET('/api/agents/by-name/{owner}/{slug}', {
      params: { path: { owner, slug }, query: version === null ? {} : { version } },
    }),
  )
  return answer.ok ? { ok: true, data: agentPageOf(answer.data) } : answer
}

export async function getAgent(id: string): Promise<AgentPage | null> {
  const api = await serverApi()
  const answer = await ask(api.GET('/api/agents/{id}', { params: { path: { id } } }))
  return answer.ok ? agentPageOf(answer.data) : null
}

/** A few agents with their stored examples: what a first visit starts with. */
export async function getStartAgents(): Promise<AgentPage[]> {
  const api = await serverApi()
  const answer = await ask(api.GET('/api/agents', { params: { query: { sort: 'runs', limit: 6, fields: 'id' } } }))
  if (!answer.ok) return []
  const ids = answer.data.items.flatMap(({ id }) => (id === undefined ? [] : [id]))
  const pages = await Promise.all(ids.map((id) => getAgent(id)))
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
  const api = await serverApi()
  const answer = await ask(
    api.GET('/api/creators/{name}', { params: { path: { name }, query: { limit: MOST_A_PAGE } } }),
  )
  if (!answer.ok) return answer
  return { ok: true, data: { ...answer.data, items: answer.data.items.flatMap(agentCardOf) } }
}
