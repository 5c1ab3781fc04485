/** Where credits are got, and from where one comes back to `path`.
 * @param needed what the run sets aside that is waited for, if that is known */
export const creditsPath = (path: string, needed: string | null): string =>
  `/credits?next=${encodeURIComponent(path)}${needed === null ? '' : `&needed=${encodeURIComponent(needed)}`}`
