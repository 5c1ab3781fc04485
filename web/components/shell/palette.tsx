'use client'
import '@mantine/spotlight/styles.layer.css'
import { MantineProvider, type MantineColorSchemeManager } from '@mantine/core'
import { openSpotlight, Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { theme } from '../../lib/theme.ts'

const PLACES = [
  { id: '/agents', label: 'Explore agents', description: 'Find one, see what it costs, run it' },
  { id: '/home', label: 'Home', description: 'What needs you, and your last runs' },
  { id: '/runs', label: 'Runs', description: 'What you ran, with results and receipts' },
  { id: '/credits', label: 'Credits', description: 'Balance and statement' },
  { id: '/developers', label: 'Developers', description: 'API keys and tokens' },
  { id: '/account', label: 'Account', description: 'Profile, security, members' },
  { id: '/docs', label: 'Docs', description: 'Reference of the API' },
] as const

export const openPalette = openSpotlight

/** Of the page's policy, for what Mantine writes as style sheets. */
const pageNonce = (): string => document.querySelector<HTMLElement>('script[nonce]')?.nonce ?? ''

/** The page's own, which this neither chooses nor changes. */
const pageScheme: MantineColorSchemeManager = {
  get: () => (document.documentElement.dataset['mantineColorScheme'] === 'dark' ? 'dark' : 'light'),
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
}

/** Goes anywhere by its name. What is typed can always be looked for in the catalogue. */
export function Palette() {
  const router = useRouter()
  const [query, setQuery] = useState('')
  useEffect(() => {
    // Where the style sheet that locks scrolling looks for it.
    Object.assign(window, { __webpack_nonce__: pageNonce() })
    openSpotlight()
  }, [])
  const places: SpotlightActionData[] = PLACES.map((place) => ({
    ...place,
    // The reference is a page of the API, not of the site.
    onClick: () => (place.id === '/docs' ? window.location.assign(place.id) : router.push(place.id)),
  }))
  const wanted = query.trim()
  const matching = places.filter(({ label = '', description = '' }) =>
    `${label} ${description}`.toLowerCase().includes(wanted.toLowerCase()),
  )
  const search: SpotlightActionData = {
    id: 'search',
    label: `Search agents for “${wanted}”`,
    onClick: () => router.push(`/agents?q=${encodeURIComponent(wanted)}`),
  }
  return (
    // The only part of the site that is Mantine's. Its variables stand in theme.css, and the scheme is the page's.
    <MantineProvider
      theme={theme}
      getStyleNonce={pageNonce}
      colorSchemeManager={pageScheme}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Spotlight
        actions={wanted === '' ? places : [...matching, search]}
        query={query}
        onQueryChange={setQuery}
        filter={(_query, actions) => actions}
        shortcut={['mod + K', '/']}
        tagsToIgnore={['INPUT', 'TEXTAREA', 'SELECT']}
        nothingFound="Nothing by that name"
        highlightQuery={wanted !== ''}
        scrollable
        maxHeight={420}
        searchProps={{ placeholder: 'Go to a page, or search agents', 'aria-label': 'Go to a page, or search agents' }}
      />
    </MantineProvider>
  )
}
