const MINUTE_MS = 60_000
const MINUTES = 60

/** Counts cold starts, and knows how many the busiest minute of the last hour had: so many blanks would have served it. */
export class ColdStarts {
  readonly #counts = Array.from({ length: MINUTES }, () => 0)
  #minute = 0

  add(nowMs: number): void {
    this.#turnTo(nowMs)
    const at = this.#minute % MINUTES
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
  }

  busiestMinute(nowMs: number): number {
    this.#turnTo(nowMs)
    return Math.max(...this.#counts)
  }

  /** Forgets what is older than an hour. */
  #turnTo(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS)
    for (let passed = Math.max(this.#minute, minute - MINUTES); passed < minute; passed++)
      this.#counts[(passed + 1) % MINUTES] = 0
    this.#minute = minute
  }
}
