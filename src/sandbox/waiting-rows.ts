/** Callers who wait for room, in rows of those who need as much, each in the order in which they came. One of a row is woken
 * at a time, who wakes the next when he is served: a thousand that all look at every end of a run take more of the processor
 * than their runs. Who needs little never waits behind whoever needs more. */
export class WaitingRows {
  readonly #rows = new Map<number, (() => void)[]>()

  get isEmpty(): boolean {
    return this.#rows.size === 0
  }

  /** Does anybody wait who needs as much? */
  has(need: number): boolean {
    return this.#rows.has(need)
  }

  /** Resolves when it is one's turn, or when the signal aborts.
   * @param place `head` for who was woken and found no room after all */
  wait(need: number, place: 'end' | 'head', signal: AbortSignal | undefined): Promise<void> {
    const row = this.#rows.get(need) ?? []
    this.#rows.set(need, row)
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake)
        row.splice(row.indexOf(wake), 1)
        if (row.length === 0) this.#rows.delete(need)
        resolve()
      }
      if (place === 'head') row.unshift(wake)
      else row.push(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  /** Wakes who is next of those who need as much. */
  wakeNext(need: number): void {
    this.#rows.get(need)?.[0]?.()
  }

  /** Room was freed: wakes who is next in each row. */
  wakeHeads(): void {
    for (const row of this.#rows.values()) row[0]?.()
  }

  wakeAll(): void {
    // Each that wakes leaves the row.
    for (const row of this.#rows.values()) while (row.length > 0) row[0]?.()
  }
}
