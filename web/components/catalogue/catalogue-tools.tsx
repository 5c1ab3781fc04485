'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState, useTransition } from 'react'
import type { Facets } from '../../lib/agent-facts.ts'
import {
  activeFilters,
  agentCountWords,
  catalogueHref,
  SORT_WORDS,
  type CatalogueQuery,
} from '../../lib/catalogue-query.ts'
import { Button } from '../ui/button.tsx'
import { NativeSelect, TextInput } from '../ui/fields.tsx'
import { FacetList } from './facet-list.tsx'
import { Icon } from '../ui/icon.tsx'
import classes from './catalogue.module.css'

const PAUSE_MS = 250

type CatalogueToolsProps = {
  readonly query: CatalogueQuery
  readonly total: number | null
  readonly facets: Facets | null
}

/** Search and order. Typing searches by itself after a pause; what it found is announced. */
export function CatalogueTools({ query, total, facets }: CatalogueToolsProps) {
  const router = useRouter()
  const [typed, setTyped] = useState(query.q)
  const [isPending, startTransition] = useTransition()
  const sheet = useRef<HTMLDialogElement>(null)
  const latest = useRef(query)
  latest.current = query

  // Back and links change the address from outside.
  useEffect(() => setTyped(query.q), [query.q])
  useEffect(() => {
    if (typed.trim() === latest.current.q) return undefined
    const timer = setTimeout(() => {
      const { q: _, sort, ...rest } = latest.current
      const next = {
        ...rest,
        q: typed.trim(),
        sort:
          sort === 'match' && typed.trim() === '' ? 'runs' : typed.trim() !== '' && sort === 'runs' ? 'match' : sort,
      } as const
      startTransition(() => router.replace(catalogueHref(next), { scroll: false }))
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, router])
  // A filter was chosen in the sheet.
  useEffect(() => sheet.current?.close(), [query])

  const filters = activeFilters(query).length - (query.q === '' ? 0 : 1)
  return (
    <div className={classes.tools}>
      <form action="/agents" role="search" className={classes.searchForm} onSubmit={(event) => event.preventDefault()}>
        <TextInput
          name="q"
          type="search"
          aria-label="Search agents"
          placeholder="What should be done?"
          leftSection={<Icon name="search" size={17} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          maxLength={100}
          autoComplete="off"
        />
      </form>
      <Button
        className={classes.sheetButton}
        variant="default"
        size="md"
        leftSection={<Icon name="filters" size={16} />}
        onClick={() => sheet.current?.showModal()}
      >
        Filters{filters > 0 ? ` (${filters})` : ''}
      </Button>
      <NativeSelect
        aria-label="Order"
        size="md"
        value={query.sort}
        onChange={(event) => {
          const sort = SORTS.find((each) => each === event.currentTarget.value) ?? 'runs'
          startTransition(() => router.push(catalogueHref(query, { sort }), { scroll: false }))
        }}
        data={SORTS.filter((value) => value !== 'match' || query.q !== '').map((value) => ({
          value,
          label: SORT_WORDS[value],
        }))}
      />
      <p className="sr-only" role="status" aria-live="polite">
        {isPending ? '' : total === null ? '' : `${agentCountWords(total)} found`}
      </p>
      <dialog
        ref={sheet}
        className={classes.sheet}
        aria-label="Filters"
        onClick={(event) => {
          if (event.target === event.currentTarget) event.currentTarget.close()
        }}
      >
        <div className={classes.sheetBody}>
          <FacetList query={query} facets={facets} />
          <Button fullWidth onClick={() => sheet.current?.close()}>
            {total === null ? 'Show agents' : `Show ${agentCountWords(total)}`}
          </Button>
        </div>
      </dialog>
    </div>
  )
}

const SORTS = ['match', 'runs', 'new', 'cheapest', 'rating'] as const
