/** A map bounded by weight: bytes, or 1 an entry. Who has not been asked for since the last time room was made goes first,
 * the oldest of them before the others. */
export type BoundedCache<V> = {
  get(key: string): V | undefined
  set(key: string, value: V, weight?: number): void
  delete(key: string): void
  clear(): void
  readonly weight: number
  readonly size: number
}

/** @param maxWeight sum of weights kept; an entry heavier than this is not kept at all */
export function createBoundedCache<V>(maxWeight: number): BoundedCache<V> {
  // The clock algorithm (Corbató 1968): a hit is a mark, and an entry with a mark that is to leave loses the mark instead and
  // goes to the end. Inserting again with every hit was least-recently-used to the letter, and 25 us of every run.
  const entries = new Map<string, { readonly value: V; readonly weight: number; isUsed: boolean }>()
  let weight = 0

  function remove(key: string): void {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    weight -= entry.weight
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.isUsed = true
      return entry.value
    },
    set(key, value, entryWeight = 1) {
      remove(key)
      if (entryWeight > maxWeight) return
      entries.set(key, { value, weight: entryWeight, isUsed: false })
      weight += entryWeight
      for (const [oldest, entry] of entries) {
        if (weight <= maxWeight) break
        if (oldest === key) continue
        entries.delete(oldest)
        if (entry.isUsed) entries.set(oldest, { ...entry, isUsed: false })
        else weight -= entry.weight
      }
    },
    delete: remove,
    clear() {
      entries.clear()
      weight = 0
    },
    get weight() {
      return weight
    },
    get size() {
      return entries.size
    },
  }
}
