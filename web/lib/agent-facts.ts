import type { paths } from './api-schema.d.ts'
import type { Price } from './price-words.ts'

type Json<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } }
}
  ? Body
  : never
export type AgentList = Json<'/api/agents'>
type ListedAgent = AgentList['items'][number]
export type AgentView = Json<'/api/agents/{id}'>
type FacetsView = Json<'/api/agents/facets'>

/** What a card shows of an agent. */
export type AgentCard = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly owner: string
  readonly ownerName: string
  readonly slug: string
  readonly category: string | null
  /** Name of a lucide icon, or one emoji. */
  readonly icon: string | null
  readonly language: string | null
  readonly version: number | null
  readonly price: Price | null
  readonly typical: { readonly charge: string; readonly ms: number } | null
  readonly success: { readonly rate: number | null; readonly runs: number }
  readonly runs: number
  readonly isTrial: boolean
  /** Whether a stored example can be looked at. */
  readonly hasExample: boolean
  readonly hosts: number
}

export type ExampleFile = {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  readonly url: string
}

export type AgentExample = {
  readonly name: string
  readonly input: unknown
  readonly output: unknown
  /** What its run made when the agent was published. */
  readonly files: readonly ExampleFile[]
}

export type Secret = { readonly name: string; readonly description: string; readonly hosts: readonly string[] }

/** What an agent's page shows. */
export type AgentPage = AgentCard & {
  readonly status: string
  readonly updatedAt: string
  readonly input: unknown
  readonly output: unknown
  readonly egress: readonly string[]
  readonly secrets: readonly Secret[]
  readonly timeoutMs: number | null
  readonly memoryMb: number | null
  readonly examples: readonly AgentExample[]
  readonly readme: string | null
  /** How the agent wants its output shown. */
  readonly view: string | null
  readonly latency: { readonly p50Ms: number; readonly p95Ms: number } | null
  readonly isolation: string | null
  /** How long what a run takes and gives is kept. */
  readonly keptMs: number | null
  /** The active version; `version` is the one that is shown. */
  readonly currentVersion: number | null
  /** Whoever looks acts for the account that published it. */
  readonly isOwn: boolean
}

/** A card's facts out of a list item. Every field of a list may be left out of it (`fields=`), hence the defaults; an
 * agent without an address cannot be linked to, and is no card. */
export function agentCardOf(item: ListedAgent | AgentView): AgentCard[] {
  const { id, name, owner, slug } = item
  if (id === undefined || name === undefined || owner === undefined || slug === undefined) return []
  return [
    {
      id,
      name,
      owner,
      slug,
      description: item.description ?? '',
      ownerName: item.ownerName ?? owner,
      category: item.category ?? null,
      icon: item.icon ?? null,
      language: item.language ?? null,
      version: item.version ?? null,
      price: item.price ?? null,
      typical: item.typical ?? null,
      success: item.success ?? { rate: null, runs: 0 },
      runs: item.runs ?? 0,
      isTrial: item.isTrial ?? false,
      hosts: item.hosts ?? 0,
      hasExample: item.hasExample ?? false,
    },
  ]
}

export function agentPageOf(view: AgentView): AgentPage | null {
  const [card] = agentCardOf(view)
  if (card === undefined) return null
  return {
    ...card,
    status: view.status,
    updatedAt: view.updatedAt,
    input: view.input,
    output: view.output,
    egress: view.egress,
    secrets: view.secrets,
    timeoutMs: view.limits?.timeoutMs ?? null,
    memoryMb: view.limits?.memoryMb ?? null,
    examples: view.examples,
    readme: view.readme,
    view: view.view,
    latency: view.latency,
    isolation: view.isolation,
    keptMs: view.retention.ms,
    currentVersion: view.currentVersion,
    isOwn: view.isOwn,
  }
}

export type Facet = { readonly value: string; readonly count: number }
export type Facets = {
  readonly categories: readonly Facet[]
  readonly languages: readonly Facet[]
  readonly prices: readonly Facet[]
  readonly noNetwork: number | null
  readonly total: number
}

export const facetsOf = ({ categories, languages, prices, network, total }: FacetsView): Facets => ({
  categories,
  languages,
  prices,
  noNetwork: network.find((each) => each.value === 'none')?.count ?? null,
  total,
})
