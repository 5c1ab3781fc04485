import type { Metadata } from 'next'
import Link from 'next/link'
import { AgentCard } from '../../../components/agent/agent-card.tsx'
import { ExamplePair } from '../../../components/agent/example-pair.tsx'
import classes from '../../../components/catalogue/catalogue.module.css'
import { CatalogueTools } from '../../../components/catalogue/catalogue-tools.tsx'
import { FacetList } from '../../../components/catalogue/facet-list.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { ListState } from '../../../components/states/list-state.tsx'
import { LinkButton } from '../../../components/ui/link-button.tsx'
import { countFacets, findAgents, getStartAgents } from '../../../lib/catalogue-api.ts'
import {
  activeFilters,
  agentCountWords,
  catalogueHref,
  isNarrowed,
  PAGE_SIZE,
  readCatalogueQuery,
  type CatalogueQuery,
  type SearchParams,
} from '../../../lib/catalogue-query.ts'

export const metadata: Metadata = {
  title: 'Explore agents',
  description: 'Find an agent by what it does, what it costs and where it sends data.',
}

/** The catalogue. All that it shows follows from its address. */
export default async function CataloguePage({ searchParams }: { readonly searchParams: Promise<SearchParams> }) {
  const query = readCatalogueQuery(await searchParams)
  const isFirst = !isNarrowed(query) && query.show === PAGE_SIZE
  const [found, facets, start] = await Promise.all([
    findAgents(query),
    countFacets(query),
    isFirst ? getStartAgents() : Promise.resolve([]),
  ])
  const total = facets?.total ?? (found.ok && !found.data.hasMore ? found.data.items.length : null)
  return (
    <Page>
      <header className={classes.catalogueHead}>
        <h1>{total === null ? 'Agents' : agentCountWords(total)}</h1>
        <p>Each page shows what it costs, what it reaches and what it answered.</p>
      </header>
      {start.length > 0 && (
        <section className={classes.section} aria-labelledby="start-here">
          <header className={classes.sectionHead}>
            <h2 id="start-here">Start here</h2>
            <p>Real inputs and what came out.</p>
          </header>
          <div className={classes.pairs}>
            {start.map((agent) => (
              <ExamplePair key={agent.id} agent={agent} />
            ))}
          </div>
        </section>
      )}
      <div className={classes.catalogue}>
        <aside className={classes.side} aria-label="Filters">
          <FacetList query={query} facets={facets} />
        </aside>
        <div className={classes.results}>
          <CatalogueTools query={query} total={total} facets={facets} />
          <Filters query={query} />
          {!found.ok ? (
            <ListState kind="failed" problem={found.problem}>
              <LinkButton href={catalogueHref(query, { show: query.show })} variant="default">
                Try again
              </LinkButton>
            </ListState>
          ) : found.data.items.length === 0 ? (
            <NothingFound query={query} nearest={found.data.nearest} />
          ) : (
            <>
              <div className={classes.grid}>
                {found.data.items.map((agent) => (
                  <AgentCard key={agent.id} agent={agent} />
                ))}
              </div>
              <footer className={classes.end}>
                {found.data.hasMore ? (
                  <Link
                    href={catalogueHref(query, { show: query.show + PAGE_SIZE })}
                    scroll={false}
                    className={classes.loadMore}
                  >
                    Load more ({found.data.items.length}
                    {total === null ? '' : ` of ${total}`})
                  </Link>
                ) : (
                  <p>{found.data.items.length === 1 ? 'That is all.' : `All ${found.data.items.length} are shown.`}</p>
                )}
              </footer>
            </>
          )}
        </div>
      </div>
    </Page>
  )
}

function Filters({ query }: { readonly query: CatalogueQuery }) {
  const filters = activeFilters(query)
  if (filters.length === 0) return null
  return (
    <ul className={classes.active} aria-label="Filters that are on">
      {filters.map((filter) => (
        <li key={filter.dropHref}>
          <Link href={filter.dropHref}>
            {filter.label} <span aria-hidden>×</span>
            <span className="sr-only">: drop this filter</span>
          </Link>
        </li>
      ))}
      {filters.length > 1 && (
        <li>
          <Link href="/agents" className={classes.clear}>
            Clear all
          </Link>
        </li>
      )}
    </ul>
  )
}

function NothingFound({
  query,
  nearest,
}: {
  readonly query: CatalogueQuery
  readonly nearest: readonly { name: string; owner: string; slug: string }[]
}) {
  const filters = activeFilters(query)
  if (filters.length === 0)
    return (
      <ListState
        kind="nothing_yet"
        title="No agents yet"
        text="When somebody publishes an agent on this site, it stands here."
      >
        <a href="/docs">Read how to publish one</a>
      </ListState>
    )
  return (
    <ListState
      kind="nothing_matches"
      text={
        nearest.length === 0 ? (
          'No agent fits all of this. Dropping one filter may be enough.'
        ) : (
          <>
            Did you mean{' '}
            {nearest.map((agent, at) => (
              <span key={`${agent.owner}/${agent.slug}`}>
                {at > 0 && ', '}
                <Link href={`/agents/${agent.owner}/${agent.slug}`}>{agent.name}</Link>
              </span>
            ))}
            ?
          </>
        )
      }
    >
      {filters.map((filter) => (
        <LinkButton key={filter.dropHref} href={filter.dropHref} size="sm" variant="default">
          Without {filter.label.startsWith('“') ? filter.label : `“${filter.label}”`}
        </LinkButton>
      ))}
      <LinkButton href="/agents" size="sm">
        All agents
      </LinkButton>
    </ListState>
  )
}
