import { nextPath } from './next-path.ts'

const KEY = 'bureau.next'

/** Keeps where somebody was going while they look for the mail with their link, which may open in another tab. */
export function keepNext(path: string): void {
  try {
    localStorage.setItem(KEY, path)
  } catch {
    // Storage is switched off or full: they begin at home.
  }
}

/** Where they were going, once. */
export function takeNext(): string {
  try {
    const path = localStorage.getItem(KEY)
    localStorage.removeItem(KEY)
    return nextPath(path)
  } catch {
    // As above.
    return '/home'
  }
}
