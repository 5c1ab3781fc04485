import { EgressLimitReached } from './egress.errors.ts'

/** What a run did with one host. */
export type HostRecord = {
  readonly host: string
  readonly requests: number
  /** Of them refused by the policy. */
  readonly refused: number
  readonly sentBytes: number
  readonly receivedBytes: number
}

type Counts = { requests: number; refused: number; sentBytes: number; receivedBytes: number }

const MAX_HOSTS = 200
const OTHERS = '(others)'

/** What a run sends and gets over the network, counted as it happens and bounded. */
export class EgressRecord {
  readonly #hosts = new Map<string, Counts>()
  readonly #limits: { readonly maxRequests: number; readonly maxRunBytes: number }
  #requests = 0
  #bytes = 0

  constructor(limits: { readonly maxRequests: number; readonly maxRunBytes: number }) {
    this.#limits = limits
  }

  /** A request, or a redirect that is followed. @throws EgressLimitReached beyond what a run may make */
  request(host: string): void {
    if (++this.#requests > this.#limits.maxRequests)
      throw new EgressLimitReached(`A run of this agent makes at most ${this.#limits.maxRequests} requests`)
    this.#of(host).requests++
  }

  refused(host: string): void {
    const counts = this.#of(host)
    counts.refused++
    if (++this.#requests <= this.#limits.maxRequests) counts.requests++
  }

  sent(host: string, bytes: number): void {
    this.#of(host).sentBytes += bytes
    this.#count(bytes)
  }

  received(host: string, bytes: number): void {
    this.#of(host).receivedBytes += bytes
    this.#count(bytes)
  }

  get hosts(): readonly HostRecord[] {
    return [...this.#hosts].map(([host, counts]) => ({ host, ...counts }))
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#limits.maxRunBytes)
      throw new EgressLimitReached(
        `A run of this agent moves at most ${this.#limits.maxRunBytes} bytes over the network`,
      )
  }

  #of(host: string): Counts {
    const name = this.#hosts.has(host) || this.#hosts.size < MAX_HOSTS ? host.slice(0, 260) : OTHERS
    let counts = this.#hosts.get(name)
    if (counts === undefined) {
      counts = { requests: 0, refused: 0, sentBytes: 0, receivedBytes: 0 }
      this.#hosts.set(name, counts)
    }
    return counts
  }
}
