/** Sent on `window` by whatever changes the balance or ends a run: who shows either looks again. */
export const NEWS = 'bureau:news'
