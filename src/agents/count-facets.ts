import type { Queryable } from '../platform/database.ts'
import { formatCredits, parseCredits } from '../credits/index.ts'
import type { FacetsView } from './agents.schema.ts'
import { COUNT_FACETS, type FacetRow } from './catalogue.queries.ts'
import { filterOf, type CatalogueQuery } from './list-agents.ts'
import { prefixQuery } from './search-text.ts'

/** Credits a typical run costs at most. */
const PRICE_STEPS = ['0', '1', '5', '20'].map(parseCredits)

/** What each choice of the catalogue would leave, of what everyone may see. A facet's own choice is left out of its
 * counts, so that it says what another choice would give. */
export async function countFacets(deps: { readonly db: Queryable }, query: CatalogueQuery): Promise<FacetsView> {
  const words = query.q === undefined ? null : prefixQuery(query.q)
  if (query.q !== undefined && words === null) return EMPTY
  const rows = await deps.db.query(COUNT_FACETS, [
    words,
    words === null ? null : query.q,
    ...filterOf(query),
    PRICE_STEPS,
  ])
  const of = (facet: FacetRow['facet']) => rows.filter((row) => row.facet === facet)
  const valueOf = ({ value, count }: FacetRow) => ({ value, count })
  return {
    categories: of('category').map(valueOf),
    network: of('network').map(valueOf),
    prices: of('price')
      .toSorted((a, b) => Number(a.value) - Number(b.value))
      .map(({ value, count }) => ({ value: formatCredits(BigInt(value)), count })),
    languages: of('language').map(valueOf),
    total: of('total')[0]?.count ?? 0,
  }
}

const EMPTY: FacetsView = { categories: [], network: [], prices: [], languages: [], total: 0 }
