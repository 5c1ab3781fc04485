import { z } from 'zod'
import { formatCredits } from '../credits/index.ts'
import type { Page } from '../http/index.ts'
import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { manifestOf } from './agent-cache.ts'
import type { AgentRow } from './agents.queries.ts'
import type { AgentListItem, AgentManifest } from './agents.schema.ts'
import { FIRST_KEY, LIST_CATALOGUE, LIST_NAMES, type CatalogueRow, type CatalogueSort } from './catalogue.queries.ts'
import { AGENT_CATEGORIES, AGENT_LANGUAGES } from './manifest-words.ts'
import { prefixQuery, similarity, trigramsOf } from './search-text.ts'

/** What a visitor looks for. */
export type CatalogueQuery = {
  readonly q?: string | undefined
  readonly category?: string | undefined
  readonly maxPriceMicro?: bigint | undefined
  readonly network?: 'none' | undefined
  readonly language?: string | undefined
  readonly sort?: CatalogueSort | undefined
}

/** Where a page ended: the order it is of, its key there, and the id that decides between two of one key. */
export type AgentCursor = readonly [CatalogueSort, string | number, string]
const KEYS: Readonly<Record<CatalogueSort, z.ZodType<string | number>>> = {
  match: z.number(),
  runs: z.number().int().min(-2_147_483_648).max(2_147_483_647),
  new: z.iso.datetime(),
  cheapest: z.string().regex(/^\d{1,18}$/),
  rating: z.number(),
}

/** A cursor of one order fits no other: it would begin anywhere. */
export const agentCursor = (sort: CatalogueSort): z.ZodType<AgentCursor> =>
  z.tuple([z.literal(sort), KEYS[sort], z.string().max(64)])

/** The order of a list: what is asked for, or the best match of a search, or the newest first. A search alone has a best
 * match: without one that order is by runs. */
export function sortOf({ q, sort }: CatalogueQuery): CatalogueSort {
  const isSearch = q !== undefined && prefixQuery(q) !== null
  if (sort === undefined) return isSearch ? 'match' : 'new'
  return sort === 'match' && !isSearch ? 'runs' : sort
}

/** What everyone may find, and with it all of one's own account.
 * @param principal null for a visitor   @returns up to `page.take` rows @throws FORBIDDEN */
export async function listAgents(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  page: Page<AgentCursor>,
  query: CatalogueQuery = {},
): Promise<CatalogueRow[]> {
  if (principal !== null) authorize(principal, 'agents.read')
  const words = query.q === undefined ? null : prefixQuery(query.q)
  // Something was typed, and nothing of it can be a name.
  if (query.q !== undefined && words === null) return []
  const sort = sortOf(query)
  const { all, found } = LIST_CATALOGUE[sort]
  return deps.db.query(words === null && all !== null ? all : found, [
    principal?.accountId ?? null,
    words,
    words === null ? null : query.q,
    ...filterOf(query),
    page.after?.[1] ?? FIRST_KEY[sort],
    page.after?.[2] ?? '',
    page.take,
  ])
}

export const filterOf = ({ category, maxPriceMicro, network, language }: CatalogueQuery) => [
  category ?? null,
  maxPriceMicro ?? null,
  network === 'none',
  language ?? null,
]

/** The cursor behind a row: dates and amounts as text. */
export const cursorBehind =
  (sort: CatalogueSort) =>
  ({ key, id }: CatalogueRow): AgentCursor => [
    sort,
    key instanceof Date ? key.toISOString() : typeof key === 'bigint' ? key.toString() : key,
    id,
  ]

const MAX_NAMES = 5_000
const MAX_NEAREST = 5
/** As pg_trgm's own threshold. */
const NEAR = 0.3

/** Names like what was searched for, for who found nothing: of the agents that are run most. */
export async function listNearest(deps: { readonly db: Queryable }, q: string) {
  const wanted = trigramsOf(q)
  const names = await deps.db.query(LIST_NAMES, [MAX_NAMES])
  return names
    .map((row) => ({ row, near: similarity(wanted, trigramsOf(row.name)) }))
    .filter(({ near }) => near >= NEAR)
    .toSorted((a, b) => b.near - a.near)
    .slice(0, MAX_NEAREST)
    .map(({ row }) => row)
}

const categoryOf = (text: string) => AGENT_CATEGORIES.find((known) => known === text) ?? 'other'
const languageOf = (text: string) => AGENT_LANGUAGES.find((known) => known === text) ?? 'typescript'

export function presentListedAgent(row: AgentRow): AgentListItem {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    owner: row.owner,
    ownerName: row.ownerName,
    slug: row.slug,
    status: row.status,
    visibility: row.visibility,
    version: row.version,
    category: categoryOf(row.category),
    language: languageOf(row.language),
    icon: row.icon,
    price: row.manifest === null ? null : presentPrice(manifestOf(row.manifest).price),
    typical:
      row.typicalMicro === null || row.p50Ms === null
        ? null
        : { charge: formatCredits(row.typicalMicro), ms: Math.round(row.p50Ms * 10) / 10 },
    success: {
      rate: row.endedRuns === 0 ? null : Math.round((row.succeeded / row.endedRuns) * 10_000) / 10_000,
      runs: row.endedRuns,
    },
    runs: row.runs,
    isTrial: row.isTrial,
    hosts: row.hosts,
    hasExample: row.hasExample,
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
