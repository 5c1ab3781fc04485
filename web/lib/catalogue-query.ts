import type { paths } from './api-schema.d.ts'
import { categoryWords } from './category-words.ts'
import { languageWords } from './language-words.ts'

/** What the catalogue shows. All of it stands in the address, so that a link, a reload and Back show the same. */
export type CatalogueQuery = {
  readonly q: string
  readonly category: string | null
  readonly maxPrice: string | null
  readonly usesNoNetwork: boolean
  readonly language: string | null
  readonly sort: CatalogueSort
  /** How many are shown; "Load more" raises it. */
  readonly show: number
}

export const SORT_WORDS = {
  match: 'Best match',
  runs: 'Most run',
  new: 'New',
  cheapest: 'Cheapest typical run',
  rating: 'Rating',
} as const

export type CatalogueSort = keyof typeof SORT_WORDS

export const PAGE_SIZE = 24
const MOST_SHOWN = 480

/** Prices up to which one may filter; '0' is free. */
export const PRICE_STEPS = ['0', '1', '5', '20'] as const

type AgentsFilters = Omit<
  NonNullable<paths['/api/agents']['get']['parameters']['query']>,
  'cursor' | 'fields' | 'limit' | 'sort'
>
type Each<Name extends 'category' | 'language'> = Readonly<Record<NonNullable<AgentsFilters[Name]>, true>>

/** What the API knows; as records, so that one of a newer API is missed by the compiler and not by a visitor. */
const CATEGORIES: Each<'category'> = {
  data: true,
  documents: true,
  text: true,
  images: true,
  audio: true,
  code: true,
  web: true,
  finance: true,
  science: true,
  productivity: true,
  'developer-tools': true,
  fun: true,
  other: true,
}
const LANGUAGES: Each<'language'> = { typescript: true, javascript: true, python: true }

const isOne = <T extends string>(all: Readonly<Record<T, true>>, value: string | null): value is T =>
  value !== null && Object.hasOwn(all, value)

export type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>

const isSort = (value: string | undefined): value is CatalogueSort =>
  value !== undefined && Object.hasOwn(SORT_WORDS, value)

function one(params: SearchParams, name: string): string | undefined {
  const value = params[name]
  const text = typeof value === 'string' ? value : value?.[0]
  return text === undefined || text === '' ? undefined : text.slice(0, 100)
}

/** Reads an address. What it holds that is not known counts as not there: an old link still shows agents. */
export function readCatalogueQuery(params: SearchParams): CatalogueQuery {
  const q = (one(params, 'q') ?? '').trim()
  const sort = one(params, 'sort')
  const show = Number(one(params, 'show') ?? PAGE_SIZE)
  const maxPrice = one(params, 'maxPrice')
  return {
    q,
    category: known(CATEGORIES, one(params, 'category')),
    maxPrice: maxPrice !== undefined && /^\d{1,9}(\.\d{1,6})?$/.test(maxPrice) ? maxPrice : null,
    usesNoNetwork: one(params, 'network') === 'none',
    language: known(LANGUAGES, one(params, 'language')),
    sort: isSort(sort) ? sort : defaultSort(q),
    show: Number.isSafeInteger(show) && show > PAGE_SIZE ? Math.min(show, MOST_SHOWN) : PAGE_SIZE,
  }
}

const known = (all: object, value: string | undefined): string | null =>
  value !== undefined && Object.hasOwn(all, value) ? value : null

const defaultSort = (q: string): CatalogueSort => (q === '' ? 'runs' : 'match')

/** The filters as the API takes them, and as the address carries them: only what differs from the plain list. */
export function catalogueFilters(query: CatalogueQuery): AgentsFilters {
  return {
    ...(query.q === '' ? {} : { q: query.q }),
    ...(isOne(CATEGORIES, query.category) ? { category: query.category } : {}),
    ...(query.maxPrice === null ? {} : { maxPrice: query.maxPrice }),
    ...(query.usesNoNetwork ? { network: 'none' } : {}),
    ...(isOne(LANGUAGES, query.language) ? { language: query.language } : {}),
  }
}

export function catalogueHref(query: CatalogueQuery, change: Partial<CatalogueQuery> = {}): string {
  const next = { ...query, show: PAGE_SIZE, ...change }
  const params = new URLSearchParams(catalogueFilters(next))
  if (next.sort !== defaultSort(next.q)) params.set('sort', next.sort)
  if (next.show !== PAGE_SIZE) params.set('show', String(next.show))
  const text = params.toString()
  return text === '' ? '/agents' : `/agents?${text}`
}

/** Is anything left out of the list? */
export const isNarrowed = (query: CatalogueQuery): boolean => Object.keys(catalogueFilters(query)).length > 0

/** The filters that are on, each with the address that drops it. */
export function activeFilters(query: CatalogueQuery): { readonly label: string; readonly dropHref: string }[] {
  const filters: { label: string; dropHref: string }[] = []
  if (query.q !== '') filters.push({ label: `“${query.q}”`, dropHref: catalogueHref(query, { q: '' }) })
  if (query.category !== null)
    filters.push({ label: categoryWords(query.category), dropHref: catalogueHref(query, { category: null }) })
  if (query.maxPrice !== null)
    filters.push({ label: maxPriceWords(query.maxPrice), dropHref: catalogueHref(query, { maxPrice: null }) })
  if (query.usesNoNetwork)
    filters.push({ label: 'No network', dropHref: catalogueHref(query, { usesNoNetwork: false }) })
  if (query.language !== null)
    filters.push({ label: languageWords(query.language), dropHref: catalogueHref(query, { language: null }) })
  return filters
}

export const maxPriceWords = (credits: string): string =>
  credits === '0' ? 'Free' : `Up to ${credits} ${credits === '1' ? 'credit' : 'credits'}`

/** The heading's count: "1 agent", "310 agents". */
export const agentCountWords = (total: number): string => (total === 1 ? '1 agent' : `${total} agents`)
