/** Where one can go, by the hat one wears. Rail, bottom bar and palette show the same list. */
export type Place = { readonly href: string; readonly label: string; readonly hat: 'Use' | 'Build' | 'Operate' }

const PLACES: readonly (Place & { readonly permission?: string })[] = [
  { href: '/home', label: 'Home', hat: 'Use' },
  { href: '/runs', label: 'Runs', hat: 'Use', permission: 'runs.read' },
  { href: '/credits', label: 'Credits', hat: 'Use', permission: 'credits.read' },
  { href: '/developers', label: 'Developers', hat: 'Build', permission: 'keys.read' },
  { href: '/admin/mail', label: 'Mail', hat: 'Operate', permission: 'admin' },
]

/** The places that somebody with these permissions has something to do at. */
export function placesFor(permissions: readonly string[]): Place[] {
  return PLACES.filter(({ permission }) => permission === undefined || permissions.includes(permission)).map(
    ({ href, label, hat }) => ({ href, label, hat }),
  )
}

/** Whether an address lies at a place or below it: `/runs/abc` is at `/runs`, `/runsheet` is not. */
export function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}
