import Link from 'next/link'
import type { Facet, Facets } from '../../lib/agent-facts.ts'
import { catalogueHref, maxPriceWords, PRICE_STEPS, type CatalogueQuery } from '../../lib/catalogue-query.ts'
import { categoryWords } from '../../lib/category-words.ts'
import { languageWords } from '../../lib/language-words.ts'
import classes from './catalogue.module.css'

/** The ways to narrow the list, each with how many agents it would leave. They are links: a filter can be opened in a
 * new tab, sent to somebody, and works before any script does. */
export function FacetList({ query, facets }: { readonly query: CatalogueQuery; readonly facets: Facets | null }) {
  const prices = facets?.prices.length ? facets.prices : PRICE_STEPS.map((value) => ({ value, count: null }))
  return (
    <>
      <Group name="Price">
        <One label="Any" isOn={query.maxPrice === null} href={catalogueHref(query, { maxPrice: null })} count={null} />
        {prices.map((price) => (
          <One
            key={price.value}
            label={maxPriceWords(price.value)}
            isOn={query.maxPrice === price.value}
            href={catalogueHref(query, { maxPrice: query.maxPrice === price.value ? null : price.value })}
            count={price.count}
          />
        ))}
      </Group>
      <Group name="Network">
        <One
          label="Uses no network"
          isOn={query.usesNoNetwork}
          href={catalogueHref(query, { usesNoNetwork: !query.usesNoNetwork })}
          count={facets?.noNetwork ?? null}
        />
      </Group>
      <Values
        name="Category"
        values={facets?.categories ?? []}
        chosen={query.category}
        wordsOf={categoryWords}
        hrefOf={(category) => catalogueHref(query, { category })}
      />
      <Values
        name="Language"
        values={facets?.languages ?? []}
        chosen={query.language}
        wordsOf={languageWords}
        hrefOf={(language) => catalogueHref(query, { language })}
      />
    </>
  )
}

type ValuesProps = {
  readonly name: string
  readonly values: readonly Facet[]
  readonly chosen: string | null
  readonly wordsOf?: (value: string) => string
  readonly hrefOf: (value: string | null) => string
}

function Values({ name, values, chosen, wordsOf, hrefOf }: ValuesProps) {
  const all =
    chosen === null || values.some((each) => each.value === chosen) ? values : [{ value: chosen, count: 0 }, ...values]
  if (all.length === 0) return null
  return (
    <Group name={name}>
      {all.map((each) => (
        <One
          key={each.value}
          label={wordsOf?.(each.value) ?? each.value}
          isOn={each.value === chosen}
          href={hrefOf(each.value === chosen ? null : each.value)}
          count={each.count}
        />
      ))}
    </Group>
  )
}

function Group({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className={classes.facet} role="group" aria-label={name}>
      <p className={classes.facetName}>{name}</p>
      <ul>{children}</ul>
    </div>
  )
}

function One({
  label,
  isOn,
  href,
  count,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly href: string
  readonly count: number | null
}) {
  return (
    <li>
      <Link href={href} scroll={false} aria-current={isOn ? 'true' : undefined} prefetch={false}>
        <span>{label}</span>
        {count !== null && <span className={classes.facetCount}>{count}</span>}
      </Link>
    </li>
  )
}
