/** What stands behind `?` in the address of a page, as Next.js hands it over. */
export type Search = Readonly<Record<string, string | readonly string[] | undefined>>

/** The first value of a name that may be given several times. */
export const firstOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0]
