export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text of a stranger's or another version's JSON, or else what stands in for it. */
export const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)
