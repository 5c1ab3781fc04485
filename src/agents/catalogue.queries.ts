import { statement, type Statement } from '../platform/database.ts'
import { AGENT_COLUMNS, AGENT_TABLES, type AgentRow } from './agents.queries.ts'

export const CATALOGUE_SORTS = ['match', 'runs', 'new', 'cheapest', 'rating'] as const
export type CatalogueSort = (typeof CATALOGUE_SORTS)[number]

/** `key` is what the page is sorted by: with the id, where the next one begins. */
export type CatalogueRow = AgentRow & { key: Date | number | bigint }

/** What every statement here takes: $1 account or null, $2 words as a tsquery, $3 the search as it was typed, $4 category,
 * $5 most micro-credits, $6 only without network, $7 language, ($8, $9) where the page before ended, $10 rows. Both
 * searches null: everything. */
const FILTER = `
    and ($4::text is null or a.category = $4)
    and ($5::bigint is null or coalesce(a."typicalMicro", a."maxMicro") <= $5)
    and (not $6::boolean or a.hosts = 0)
    and ($7::text is null or a.language = $7)`

const PUBLIC = `a.visibility = 'public' and a.status = 'active'`
const SEARCH = `(to_tsquery('simple', $2) || websearch_to_tsquery('english', $3))`

const ORDERS: Readonly<
  Record<CatalogueSort, { key: string; type: string; compare: '<' | '>'; order: 'desc' | 'asc' }>
> = {
  // What is run more stands before what matches as well: a tenth more weight for each factor of e.
  match: {
    key: `(ts_rank(a.search, ${SEARCH}) * (1 + 0.1 * ln(1 + a.runs)))::float8`,
    type: 'float8',
    compare: '<',
    order: 'desc',
  },
  runs: { key: 'a.runs', type: 'int', compare: '<', order: 'desc' },
  new: { key: 'a."createdAt"', type: 'timestamptz', compare: '<', order: 'desc' },
  cheapest: { key: 'coalesce(a."typicalMicro", a."maxMicro")', type: 'bigint', compare: '>', order: 'asc' },
  rating: { key: 'a.rating', type: 'float8', compare: '<', order: 'desc' },
}

/** What everyone may see walks along the index of its order and stops at the page's end; an account's own agents that
 * others do not see are few and come beside it. Two branches, because an `or` over both would read the whole table.
 * A search first takes what matches by the inverted index, then sorts that. Ids first, then the rows of what is
 * shown: joining before the limit would read manifests of agents that nobody sees. */
function listStatement(sort: CatalogueSort, isSearch: boolean): Statement<CatalogueRow> {
  const { key, type, compare, order } = ORDERS[sort]
  const found = isSearch ? `and a.search @@ ${SEARCH}` : 'and $2::text is null and $3::text is null'
  const branch = (who: string) => `
    (select a.id, ${key} as key from "Agent" a
     where ${who} ${found} ${FILTER} and (${key}, a.id) ${compare} ($8::${type}, $9::text)
     order by ${key} ${order}, a.id ${order} limit $10)`
  return statement<CatalogueRow>(
    `agents.list_${sort}${isSearch ? '_found' : ''}`,
    `with page as (
       select * from (${branch(PUBLIC)}
         union all ${branch(`a."accountId" = $1 and not (${PUBLIC})`)}) both_parts
       order by key ${order}, id ${order} limit $10)
     select ${AGENT_COLUMNS}, p.key from ${AGENT_TABLES} join page p on p.id = a.id
     order by p.key ${order}, p.id ${order}`,
  )
}

const statementsOf = (sort: CatalogueSort) => ({ all: listStatement(sort, false), found: listStatement(sort, true) })

/** By order; `match` has one for searches only. */
export const LIST_CATALOGUE = {
  match: { all: null, found: listStatement('match', true) },
  runs: statementsOf('runs'),
  new: statementsOf('new'),
  cheapest: statementsOf('cheapest'),
  rating: statementsOf('rating'),
} as const

/** Above or below every key, so that the first page needs no statement of its own. */
export const FIRST_KEY: Readonly<Record<CatalogueSort, string>> = {
  match: 'Infinity',
  runs: '2147483647',
  new: 'infinity',
  cheapest: '-1',
  rating: 'Infinity',
}

export type FacetRow = { facet: 'category' | 'language' | 'price' | 'network' | 'total'; value: string; count: number }

/** How many agents each choice would leave: a facet's own choice is left out of its counts, the others' count. One walk
 * over what the search leaves. $1 .. $6 as $2 .. $7 of the list; $7 the steps of the price. */
export const COUNT_FACETS = statement<FacetRow>(
  'agents.count_facets',
  `with found as materialized (
     select a.category, a.language, a.hosts = 0 as offline, coalesce(a."typicalMicro", a."maxMicro") as price,
       $3::text is null or a.category = $3 as in_category,
       $4::bigint is null or coalesce(a."typicalMicro", a."maxMicro") <= $4 as in_price,
       not $5::boolean or a.hosts = 0 as in_network,
       $6::text is null or a.language = $6 as in_language
     from "Agent" a where ${PUBLIC} and ($1::text is null or a.search @@ (to_tsquery('simple', $1) || websearch_to_tsquery('english', $2)))
   )
   select 'category' as facet, category as value, count(*)::int as count from found
     where in_price and in_network and in_language group by category
   union all
   select 'language', language, count(*)::int from found where in_category and in_price and in_network group by language
   union all
   select 'network', 'none', count(*)::int from found where offline and in_category and in_price and in_language
   union all
   select 'price', step::text, (select count(*) from found where price <= step and in_category and in_network and in_language)::int
     from unnest($7::bigint[]) step
   union all
   select 'total', '', count(*)::int from found where in_category and in_price and in_network and in_language
   order by 1, 3 desc, 2`,
)

/** Names to compare a search with that found nothing: those that are run most. */
export const LIST_NAMES = statement<{ name: string; owner: string; slug: string }>(
  'agents.list_names',
  `select a.name, o.slug as owner, a.slug from "Agent" a join "Account" o on o.id = a."accountId"
   where ${PUBLIC} order by a.runs desc, a.id desc limit $1`,
)

/** A creator by the name in addresses, with the number of agents that everyone may see. */
export const FIND_CREATOR = statement<{ id: string; name: string; slug: string; agents: number; createdAt: Date }>(
  'agents.find_creator',
  `select o.id, o.name, o.slug, o."createdAt",
     (select count(*)::int from "Agent" a where a."accountId" = o.id and ${PUBLIC}) as agents
   from "Account" o where o.slug = $1 and o.kind <> 'platform'`,
)

/** What everyone may see of one account, most run first. ($2, $3) where the page before ended. */
export const LIST_OF_CREATOR = statement<CatalogueRow>(
  'agents.list_of_creator',
  `select ${AGENT_COLUMNS}, a.runs as key from ${AGENT_TABLES}
   where a."accountId" = $1 and ${PUBLIC} and (a.runs, a.id) < ($2::int, $3::text)
   order by a.runs desc, a.id desc limit $4`,
)
