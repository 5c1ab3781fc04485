/** Until when a run's input, output, logs and events are kept. The shortest of the wishes counts: the site's, the agent's
 * and the caller's own.
 * @param wishesMs milliseconds from the end of the run; null = no wish */
export function keptUntil(finishedAt: Date, siteMs: number, ...wishesMs: readonly (number | null)[]): Date {
  const ms = wishesMs.reduce<number>((shortest, wish) => (wish === null ? shortest : Math.min(shortest, wish)), siteMs)
  return new Date(finishedAt.getTime() + ms)
}
