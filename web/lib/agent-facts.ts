import { isRecord, textOr } from './is-record.ts'
import type { Price } from './price-words.ts'

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
  readonly hosts: number
}

export type AgentExample = { readonly name: string; readonly input: unknown; readonly output: unknown }

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
  readonly keptDays: number | null
}

/** A card's facts out of a list item. A fact that a server does not tell is left out on the card, never made up. */
export function agentCardOf(item: unknown): AgentCard[] {
  if (!isRecord(item)) return []
  const [id, name, owner, slug] = [text(item['id']), text(item['name']), text(item['owner']), text(item['slug'])]
  if (id === null || name === null || owner === null || slug === null) return []
  const success = isRecord(item['success']) ? item['success'] : {}
  const typical = isRecord(item['typical']) ? item['typical'] : null
  return [
    {
      id,
      name,
      owner,
      slug,
      description: text(item['description']) ?? '',
      ownerName: text(item['ownerName']) ?? owner,
      category: text(item['category']),
      icon: text(item['icon']),
      language: text(item['language']),
      version: figure(item['version']),
      price: priceOf(item['price']),
      typical: typical === null ? null : { charge: text(typical['charge']) ?? '0', ms: figure(typical['ms']) ?? 0 },
      success: { rate: figure(success['rate']), runs: figure(success['runs']) ?? 0 },
      runs: figure(item['runs']) ?? 0,
      isTrial: item['isTrial'] === true,
      hosts: figure(item['hosts']) ?? (Array.isArray(item['egress']) ? item['egress'].length : 0),
    },
  ]
}

export function agentPageOf(view: unknown): AgentPage | null {
  const [card] = agentCardOf(view)
  if (card === undefined || !isRecord(view)) return null
  const limits = isRecord(view['limits']) ? view['limits'] : {}
  return {
    ...card,
    status: text(view['status']) ?? 'active',
    updatedAt: text(view['updatedAt']) ?? '',
    input: view['input'] ?? null,
    output: view['output'] ?? null,
    egress: texts(view['egress']),
    secrets: listOf(view['secrets'], (each) => ({
      name: text(each['name']) ?? '',
      description: text(each['description']) ?? '',
      hosts: texts(each['hosts']),
    })),
    timeoutMs: figure(limits['timeoutMs']),
    memoryMb: figure(limits['memoryMb']),
    examples: listOf(view['examples'], (each) => ({
      name: text(each['name']) ?? 'Example',
      input: each['input'],
      output: each['output'],
    })),
    readme: text(view['readme']),
    view: text(view['view']),
    latency: latencyOf(view['latency']),
    isolation: text(view['isolation']),
    keptDays: isRecord(view['retention']) ? figure(view['retention']['days']) : null,
  }
}

function latencyOf(value: unknown): AgentPage['latency'] {
  if (!isRecord(value)) return null
  const [p50Ms, p95Ms] = [figure(value['p50Ms']), figure(value['p95Ms'])]
  return p50Ms === null || p95Ms === null ? null : { p50Ms, p95Ms }
}

export type Facet = { readonly value: string; readonly count: number }
export type Facets = {
  readonly categories: readonly Facet[]
  readonly languages: readonly Facet[]
  readonly prices: readonly Facet[]
  readonly noNetwork: number | null
  readonly total: number
}

export function facetsOf(view: unknown): Facets {
  const given = isRecord(view) ? view : {}
  const network = listOf(given['network'], (each) => each).find((each) => each['value'] === 'none')
  return {
    categories: listOf(given['categories'], facetOf),
    languages: listOf(given['languages'], facetOf),
    prices: listOf(given['prices'], facetOf),
    noNetwork: network === undefined ? null : figure(network['count']),
    total: figure(given['total']) ?? 0,
  }
}

const facetOf = (each: Readonly<Record<string, unknown>>): Facet => ({
  value: textOr(each['value'], ''),
  count: figure(each['count']) ?? 0,
})

function priceOf(value: unknown): Price | null {
  if (!isRecord(value)) return null
  const events = isRecord(value['events']) ? value['events'] : {}
  return {
    run: text(value['run']) ?? '0',
    max: text(value['max']) ?? '0',
    events: Object.fromEntries(
      Object.entries(events).flatMap(([name, each]) => (typeof each === 'string' ? [[name, each]] : [])),
    ),
  }
}

/** Runs that a visitor has left today; null where there are none to have. */
export const trialsLeftOf = (view: unknown): number | null => (isRecord(view) ? figure(view['trialsLeft']) : null)

/** What a signed-in person has still to agree to. */
export type Consent = {
  readonly manifestHash: string
  readonly isNeeded: boolean
  /** What is new against what they agreed to before; null the first time. */
  readonly widened: {
    readonly hosts: readonly string[]
    readonly secrets: readonly string[]
    readonly max: string | null
  } | null
}

export function consentOf(view: unknown): Consent | null {
  if (!isRecord(view) || !isRecord(view['consent'])) return null
  const manifestHash = text(view['manifestHash'])
  if (manifestHash === null) return null
  const widened = view['consent']['widened']
  return {
    manifestHash,
    isNeeded: view['consent']['isNeeded'] === true,
    widened: isRecord(widened)
      ? {
          hosts: texts(widened['hosts']),
          secrets: texts(widened['secrets']),
          max: isRecord(widened['max']) ? text(widened['max']['to']) : null,
        }
      : null,
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
const figure = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

function listOf<T>(value: unknown, make: (each: Readonly<Record<string, unknown>>) => T): T[] {
  return Array.isArray(value) ? value.flatMap((each: unknown) => (isRecord(each) ? [make(each)] : [])) : []
}
