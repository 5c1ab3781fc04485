/** A least-recently-used map bounded by weight: bytes, or 1 an entry. */
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
  // A Map iterates in order of insertion; a hit is inserted again, so the first entry is the least recently used.
  const entries = new Map<string, { readonly value: V; readonly weight: number }>()
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
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set(key, value, entryWeight = 1) {
      remove(key)
      if (entryWeight > maxWeight) return
      entries.set(key, { value, weight: entryWeight })
      weight += entryWeight
      for (const oldest of entries.keys()) {
        if (weight <= maxWeight) break
        remove(oldest)
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
