/** Where a choice is kept, and the attribute of the document that the style sheets look at: Mantine's names. */
const KEY = 'mantine-color-scheme-value'
const ATTRIBUTE = 'data-mantine-color-scheme'
const DARK = '(prefers-color-scheme: dark)'

/** Runs in the head, before anything is painted: no page begins in the scheme that it does not stay in. Storage may be
 * forbidden; then the system decides. */
export const COLOR_SCHEME_SCRIPT = `(()=>{let s;try{s=localStorage.getItem("${KEY}")}catch{}if(s!=="light"&&s!=="dark")s=matchMedia("${DARK}").matches?"dark":"light";document.documentElement.setAttribute("${ATTRIBUTE}",s)})()`

type Scheme = 'light' | 'dark'

/** What was chosen in this browser; null follows the system. */
function chosenScheme(): Scheme | null {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : null
  } catch {
    return null // Storage is forbidden here.
  }
}

const show = (scheme: Scheme): void => document.documentElement.setAttribute(ATTRIBUTE, scheme)

/** Chooses the other of light and dark, for every page from now on. */
export function switchScheme(): void {
  const other = document.documentElement.getAttribute(ATTRIBUTE) === 'dark' ? 'light' : 'dark'
  show(other)
  try {
    localStorage.setItem(KEY, other)
  } catch {
    // Storage is forbidden here: it holds for this page.
  }
}

/** Follows the system while nothing is chosen, and what is chosen in another tab.
 * @returns ends it */
export function followScheme(): () => void {
  const system = matchMedia(DARK)
  const update = () => show(chosenScheme() ?? (system.matches ? 'dark' : 'light'))
  const onStorage = ({ key }: StorageEvent) => {
    if (key === KEY) update()
  }
  // Between the first paint and now both may have changed.
  update()
  system.addEventListener('change', update)
  addEventListener('storage', onStorage)
  return () => {
    system.removeEventListener('change', update)
    removeEventListener('storage', onStorage)
  }
}
