import { availableParallelism, totalmem } from 'node:os'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { Logger } from '../platform/logger.ts'
import type { CgroupLimiter, InstanceGroup } from './cgroups.ts'
import { ColdStarts } from './cold-starts.ts'
import type { Driver } from './driver.ts'
import { Instance, NICENESS, type KillCause } from './instance.ts'
import type { Launcher } from './launcher.ts'
import { sandboxErrors } from './sandbox.errors.ts'
import type { AgentRuntime } from './sandbox.types.ts'
import { WaitingRows } from './waiting-rows.ts'

/** What an instance holds besides the agent's own memory: Deno itself, measured at 40-54 MB, and CPython with what the
 * harness imports, 15 MB. */
export const RUNTIME_MB: Readonly<Record<AgentRuntime, number>> = { javascript: 64, python: 32 }
/** What a blank weighs: 9.8 MB of its own and the tables of its pages for Deno (11.1 MB in all with one, 10.1 with sixty),
 * 15 for CPython. The rest it shares with all others. */
const BLANK_MB: Readonly<Record<AgentRuntime, number>> = { javascript: 12, python: 16 }
/** Of the budget, blanks booted in idle moments take so much at most, and leave room for so many runs a processor, or half
 * of it. */
const STOCK_SHARE = 0.85
const RUNS_BESIDE_STOCK = 4
const MAX_SENT_AWAY = 1_024
/** Without a control group the resident set counts, which includes the pages of Deno's binary. */
const WATCHDOG_SLACK_MB = 48
const MB = 1_048_576
/** Memory must be looked at often, because what is allocated between two looks is not bounded; time need not. */
const WATCH_MEMORY_EVERY_MS = 20
const WATCH_TIME_EVERY_MS = 100

export type PoolOptions = {
  readonly blanks: number
  readonly pythonBlanks: number
  /** Most blanks beyond these, booted in idle moments; auto: as many as their share of the memory holds. */
  readonly stock: number | 'auto'
  readonly maxInstances: number
  readonly memoryBudgetMb: number
  readonly warmMs: number
  readonly maxRunsPerInstance: number
  readonly bootTimeoutMs: number
  readonly defaultMemoryMb: number
  /** Threads of an instance, where control groups count them. */
  readonly maxProcesses: number
}

export type PoolDeps = {
  readonly driver: Driver
  /** What boots CPython; absent where Python agents are not served. */
  readonly python?: Driver | null
  readonly launcher: Launcher
  readonly limiter: CgroupLimiter | null
  readonly options: PoolOptions
  readonly log: Logger
  readonly monotonicMs: () => number
  /** What part of the processors nobody wants, from 0 to 1; without it no moment counts as idle. */
  readonly idleProcessors?: () => number
}

export type LeaseOrder = {
  /** Without it JavaScript. */
  readonly runtime?: AgentRuntime
  /** Key under which a warm instance may serve; null for one that is destroyed afterwards. */
  readonly warmKey: string | null
  readonly memoryMb: number
  readonly cpuMs: number
  readonly signal?: AbortSignal
}

export type Lease = {
  readonly instance: Instance
  /** The code has still to be loaded. */
  readonly cold: boolean
  readonly waitMs: number
  readonly bootMs: number
  /** Gives the instance back; only a reusable one under a key is kept. */
  release(reusable: boolean): void
}

/** A caller's place among those who wait for room. */
type Turn = { readonly needMb: number; hasWaited: boolean }

type Watched = {
  readonly sinceMs: number
  readonly instance: Instance
  readonly cpuLimitMs: number
  readonly memoryLimitBytes: number
}

/** Sandboxes in three states: blank (booted, no code), leased, warm (idle, for one key only). */
export class Pool {
  readonly #deps: PoolDeps
  #python: Driver | null
  readonly #budgetMb: number
  readonly #all = new Set<Instance>()
  readonly #promisedMb = new Map<Instance, number>()
  #promisedTotalMb = 0
  readonly #blanks: Instance[] = []
  /** Idle instances, the longest idle first. */
  readonly #idle = new Set<Instance>()
  readonly #warmByKey = new Map<string, Instance[]>()
  readonly #watched = new Set<Watched>()
  /** Processor time of a run's instance when the watchdog first saw it. */
  readonly #cpuBase = new Map<Watched, number>()
  /** Killed, but their processes are not gone yet. */
  readonly #dying = new Set<Instance>()
  /** By how many megabytes they need. */
  readonly #waiting = new WaitingRows()
  /** Keys of sandboxes that were sent away for want of room, and when, the latest last: who comes again and finds his gone would
   * have been served better by it than by blanks. (The ghost entries of the ARC cache, Megiddo and Modha 2003.) */
  readonly #sentAway = createBoundedCache<number>(MAX_SENT_AWAY)
  #booting = 0
  #blanksOnTheWay = 0
  #boots = 0
  #awaitingBoot = 0
  readonly #bootWaiters: (() => void)[] = []
  /** Runtimes that blanks are booted of. Python's is added by the first who needs it: a host without Python agents pays
   * nothing. */
  readonly #wanted = new Set<AgentRuntime>(['javascript'])
  /** Cold starts of callers, by what they needed; null before there are any to expect. */
  #coldStarts: Readonly<Record<AgentRuntime, ColdStarts>> | null = null
  /** When a run last began or ended. */
  #lastChangeAt = 0
  #isStocking = false
  #bootFailures = 0
  #refillTimer: NodeJS.Timeout | null = null
  #watchdog: NodeJS.Timeout | null = null
  #closed = false

  constructor(deps: PoolDeps) {
    this.#deps = deps
    this.#python = deps.python ?? null
    this.#budgetMb = deps.options.memoryBudgetMb || Math.floor(totalmem() / MB / 2)
  }

  get counts(): {
    blanks: number
    blanksWanted: number
    mostBlanks: number
    warm: number
    booting: number
    running: number
    promisedMb: number
    budgetMb: number
  } {
    return {
      blanks: this.#blanks.length,
      blanksWanted: [...this.#wanted].reduce((sum, runtime) => sum + this.#kept(runtime) + this.#stockOf(runtime), 0),
      mostBlanks: this.#mostStock('javascript'),
      warm: this.#idle.size,
      booting: this.#booting,
      running: this.#watched.size,
      promisedMb: this.#promisedTotalMb,
      budgetMb: this.#budgetMb,
    }
  }

  get python(): Driver | null {
    return this.#python
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Boots the blanks and starts watching. @throws Error if not one sandbox boots */
  async start(): Promise<void> {
    // Linked to no run: one interval looks at all runs, so that a run costs no timer but its deadline.
    this.#watchdog = setInterval(() => this.#watch(), this.#watchEveryMs())
    this.#watchdog.unref()
    const { driver, options } = this.#deps
    await driver.prepare(heapClass(options.defaultMemoryMb) + RUNTIME_MB.javascript)
    if (options.blanks > 0) await this.#bootBlank('javascript')
    this.#refillSoon()
  }

  /** Boots Python with this from here on. */
  setPython(driver: Driver | null): void {
    this.#python = driver
  }

  /** From here on blanks of it are booted ahead. */
  want(runtime: AgentRuntime): void {
    if (this.#wanted.has(runtime)) return
    this.#wanted.add(runtime)
    this.#refillSoon()
  }

  /** From here on cold starts are callers', and blanks are booted for as many in idle moments. */
  expectCallers(): void {
    this.#coldStarts = { javascript: new ColdStarts(), python: new ColdStarts() }
  }

  /** Gets an instance: warm for the key, or a blank, or one booted now.
   * @throws SANDBOX_STOPPED, the signal's reason, or an Error when a sandbox does not boot */
  async lease(order: LeaseOrder): Promise<Lease> {
    const turn: Turn = { needMb: order.memoryMb + RUNTIME_MB[order.runtime ?? 'javascript'], hasWaited: false }
    try {
      return await this.#leaseInTurn(order, turn)
    } finally {
      if (turn.hasWaited) this.#waiting.wakeNext(turn.needMb)
    }
  }

  async #leaseInTurn(order: LeaseOrder, turn: Turn): Promise<Lease> {
    const { needMb } = turn
    const askedAt = this.#deps.monotonicMs()
    const heapMb = heapClass(order.memoryMb)
    const runtime = order.runtime ?? 'javascript'
    const key = order.warmKey === null ? null : `${heapMb} ${order.warmKey}`
    const isReturning = key !== null && askedAt - (this.#sentAway.get(key) ?? -Infinity) < RETURNS_WITHIN_MS
    let isCounted = false
    for (;;) {
      if (this.#closed) throw sandboxErrors.SANDBOX_STOPPED()
      order.signal?.throwIfAborted()
      const warm = key === null ? undefined : this.#findWarm(key)
      if (warm !== undefined) {
        this.#forgetWarm(warm)
        const restedMb = this.#promisedMb.get(warm) ?? 0
        if (restedMb >= needMb || this.#makeRoom(0, needMb - restedMb, true)) {
          this.#promise(warm, needMb)
          return this.#leaseOf(warm, key, order, false, askedAt, 0)
        }
        this.#keepWarm(warm, warm.loadedKey ?? '')
        await this.#roomFreed(turn, order.signal)
        continue
      }
      if (!isCounted) this.#coldStarts?.[runtime].add(askedAt)
      isCounted = true
      const blank = this.#blanks.find((each) => each.runtime === runtime && each.heapMb === heapMb)
      const blankMb = blank === undefined ? 0 : (this.#promisedMb.get(blank) ?? 0)
      const mustWait = !turn.hasWaited && this.#waiting.has(needMb)
      if (mustWait || !this.#makeRoom(1, needMb - blankMb, isReturning, blank)) {
        await this.#roomFreed(turn, order.signal)
        continue
      }
      if (blank !== undefined) {
        this.#takeBlank(blank)
        this.#promise(blank, needMb)
        this.#refillSoon()
        return this.#leaseOf(blank, key, order, true, askedAt, 0)
      }
      const bootAt = this.#deps.monotonicMs()
      const booting = this.#boot(runtime, heapMb, order.memoryMb)
      // It has its room; the next in the row need not wait for its boot.
      if (turn.hasWaited) this.#waiting.wakeNext(needMb)
      const instance = await booting
      return this.#leaseOf(instance, key, order, true, askedAt, this.#deps.monotonicMs() - bootAt)
    }
  }

  /** Kills everything and waits until no process and no control group is left. */
  async stop(): Promise<void> {
    this.#closed = true
    if (this.#refillTimer !== null) clearTimeout(this.#refillTimer)
    if (this.#watchdog !== null) clearInterval(this.#watchdog)
    this.#waiting.wakeAll()
    for (const wake of this.#bootWaiters.splice(0)) wake()
    const all = [...this.#all, ...this.#dying]
    for (const instance of all) instance.kill('stopped')
    await Promise.all(all.map((instance) => instance.gone()))
  }

  #leaseOf(
    instance: Instance,
    key: string | null,
    order: LeaseOrder,
    cold: boolean,
    askedAt: number,
    bootMs: number,
  ): Lease {
    const runtimeMb = RUNTIME_MB[instance.runtime]
    instance.setMemory((order.memoryMb + runtimeMb) * MB)
    const watched: Watched = {
      sinceMs: this.#deps.monotonicMs(),
      instance,
      cpuLimitMs: order.cpuMs,
      memoryLimitBytes: (order.memoryMb + runtimeMb + WATCHDOG_SLACK_MB) * MB,
    }
    this.#watched.add(watched)
    this.#lastChangeAt = watched.sinceMs
    let released = false
    return {
      instance,
      cold,
      waitMs: Math.max(0, this.#deps.monotonicMs() - askedAt - bootMs),
      bootMs,
      release: (reusable) => {
        if (released) return
        released = true
        this.#lastChangeAt = this.#deps.monotonicMs()
        this.#watched.delete(watched)
        this.#cpuBase.delete(watched)
        const keep =
          reusable &&
          key !== null &&
          !this.#closed &&
          instance.isAlive &&
          this.#deps.options.warmMs > 0 &&
          instance.runs < this.#deps.options.maxRunsPerInstance
        if (keep) this.#keepWarm(instance, key)
        else instance.kill('retired')
        this.#waiting.wakeHeads()
      },
    }
  }

  #findWarm(key: string): Instance | undefined {
    // The last one in is the one whose caches are warmest.
    return this.#warmByKey.get(key)?.at(-1)
  }

  #keepWarm(instance: Instance, key: string): void {
    instance.loadedKey = key
    instance.idleSinceMs = this.#deps.monotonicMs()
    instance.isResting = false
    this.#idle.add(instance)
    const same = this.#warmByKey.get(key)
    if (same === undefined) this.#warmByKey.set(key, [instance])
    else same.push(instance)
  }

  /** Who rests sleeps in a read, and is promised no more than it holds: with all they may use, a few dozen that idle would
   * leave no memory to boot blanks in. Should one grow all the same, by threads of its own, it ends. */
  #rest(instance: Instance): void {
    if (instance.isResting || this.#deps.limiter === null) return
    instance.isResting = true
    const ownBytes = instance.ownBytes()
    if (ownBytes === null) return
    const heldMb = Math.ceil(ownBytes / MB) + RESTING_SLACK_MB
    if (heldMb >= (this.#promisedMb.get(instance) ?? 0) || !instance.setMemory(heldMb * MB)) return
    this.#promise(instance, heldMb)
    this.#waiting.wakeHeads()
  }

  #forgetWarm(instance: Instance): void {
    if (!this.#idle.delete(instance) || instance.loadedKey === null) return
    const same = this.#warmByKey.get(instance.loadedKey)
    const at = same?.indexOf(instance) ?? -1
    if (same === undefined || at < 0) return
    same.splice(at, 1)
    if (same.length === 0) this.#warmByKey.delete(instance.loadedKey)
  }

  /** Is there room for so many more in use, after sending away those that idle longest, and blanks?
   * @param isReturning the caller had a sandbox of its own a moment ago */
  #makeRoom(instances: number, megabytes: number, isReturning: boolean, spare?: Instance): boolean {
    for (;;) {
      const inUse = this.#all.size + this.#awaitingBoot - this.#blanks.length - this.#blanksOnTheWay
      const hasPlace = inUse + instances <= this.#deps.options.maxInstances
      const shortMb = this.#promisedTotalMb + megabytes - this.#budgetMb
      if (hasPlace && shortMb <= 0) return true
      const victim = hasPlace ? this.#leastNeeded(shortMb, isReturning, spare) : this.#idle.values().next().value
      if (victim === undefined) return false
      if (victim.loadedKey !== null) this.#sentAway.set(victim.loadedKey, this.#deps.monotonicMs())
      this.#retire(victim, 'retired')
    }
  }

  /** Who idles longest; but blanks of the stock where those who come again find their own gone, because too little memory
   * is left for them, and where all that are in use stay so. */
  #leastNeeded(shortMb: number, isReturning: boolean, spare: Instance | undefined): Instance | undefined {
    const [longestIdle] = this.#idle
    const blank = this.#blanks.find((each) => each !== spare)
    if (blank === undefined) return longestIdle
    const nowMs = this.#deps.monotonicMs()
    // Where runs come and go all the time, waiting for an end is shorter than booting a dozen blanks again.
    if (longestIdle === undefined) return this.#endsSoon(nowMs) ? undefined : blank
    const isNeeded = isReturning && nowMs - longestIdle.idleSinceMs < RESTING_MS
    return isNeeded && this.#blanksMb() - this.#keptMb() >= shortMb ? blank : longestIdle
  }

  /** Also where none is in use: who was sent away a moment ago holds his memory until his process is gone. */
  #endsSoon(nowMs: number): boolean {
    return nowMs - this.#lastChangeAt < ENDS_OFTEN_MS
  }

  /** By name, never by a place remembered: making room for it may have sent away those before it.
   * @returns whether it was one */
  #takeBlank(instance: Instance): boolean {
    const at = this.#blanks.indexOf(instance)
    if (at < 0) return false
    this.#blanks.splice(at, 1)
    return true
  }

  /** Takes an instance out of every list before it is killed, so that its room counts as free at once. */
  #retire(instance: Instance, cause: KillCause): void {
    this.#forgetWarm(instance)
    this.#takeBlank(instance)
    this.#unpromise(instance)
    this.#all.delete(instance)
    this.#dying.add(instance)
    instance.kill(cause)
  }

  /** At most one boot a core at a time: a boot is all processor time, and sixty at once made each take seconds. Who
   * waits for his turn has his room already. */
  async #boot(runtime: AgentRuntime, heapMb: number, memoryMb: number): Promise<Instance> {
    const needMb = memoryMb + RUNTIME_MB[runtime]
    this.#awaitingBoot++
    this.#promisedTotalMb += needMb
    while (this.#boots >= MAX_BOOTS && !this.#closed)
      await new Promise<void>((resolve) => this.#bootWaiters.push(resolve))
    this.#awaitingBoot--
    this.#promisedTotalMb -= needMb
    if (this.#closed) throw sandboxErrors.SANDBOX_STOPPED()
    this.#boots++
    try {
      return await this.#bootNow(runtime, heapMb, memoryMb)
    } finally {
      this.#boots--
      this.#bootWaiters.shift()?.()
      this.#refillSoon()
    }
  }

  async #bootNow(runtime: AgentRuntime, heapMb: number, memoryMb: number): Promise<Instance> {
    const { launcher, limiter, options } = this.#deps
    const driver = runtime === 'python' ? this.#python : this.#deps.driver
    if (!driver) throw new Error(`there is nothing here that boots ${runtime}`)
    const runtimeMb = RUNTIME_MB[runtime]
    const memoryBytes = (memoryMb + runtimeMb) * MB
    const group: InstanceGroup | null = limiter?.createGroup(memoryBytes, options.maxProcesses) ?? null
    let instance: Instance
    try {
      instance = new Instance({
        launcher,
        // The heap may grow past the limit of the group, so that it is the kernel that ends it and counts it.
        plan: driver.plan({
          heapMb: heapMb + runtimeMb,
          group,
          dataLimitBytes: group === null ? (heapMb + runtimeMb) * 2 * MB + DATA_FLOOR : null,
        }),
        group,
        memoryBytes,
        heapMb,
        runtime,
        bootTimeoutMs: options.bootTimeoutMs,
        onDeath: (dead) => this.#buried(dead),
      })
    } catch (error) {
      await group?.remove()
      throw error
    }
    this.#all.add(instance)
    this.#promise(instance, memoryMb + runtimeMb)
    this.#booting++
    try {
      await instance.ready()
      return instance
    } finally {
      this.#booting--
    }
  }

  #buried(instance: Instance): void {
    this.#forgetWarm(instance)
    if (this.#takeBlank(instance)) this.#refillSoon()
    this.#unpromise(instance)
    this.#all.delete(instance)
    this.#dying.delete(instance)
    this.#waiting.wakeHeads()
  }

  #promise(instance: Instance, megabytes: number): void {
    this.#unpromise(instance)
    this.#promisedMb.set(instance, megabytes)
    this.#promisedTotalMb += megabytes
  }

  #unpromise(instance: Instance): void {
    this.#promisedTotalMb -= this.#promisedMb.get(instance) ?? 0
    this.#promisedMb.delete(instance)
  }

  async #bootBlank(runtime: AgentRuntime): Promise<void> {
    const { defaultMemoryMb } = this.#deps.options
    this.#blanksOnTheWay++
    const instance = await this.#boot(runtime, heapClass(defaultMemoryMb), defaultMemoryMb).finally(
      () => this.#blanksOnTheWay--,
    )
    if (this.#closed || !instance.isAlive) return instance.kill('stopped')
    // A blank runs no stranger's code, so it is promised only what it weighs.
    this.#promise(instance, BLANK_MB[runtime])
    this.#blanks.push(instance)
    this.#bootFailures = 0
    this.#waiting.wakeHeads()
  }

  /** Boots blanks one at a time and behind whatever is due now: the fork blocks for milliseconds, and two boots at once
   * on two cores would take them from the runs. */
  #refillSoon(): void {
    if (this.#refillTimer !== null || this.#closed) return
    const pauseMs = this.#bootFailures === 0 ? REFILL_PAUSE_MS : Math.min(10_000, 50 * 2 ** this.#bootFailures)
    this.#refillTimer = setTimeout(() => {
      this.#refill()
        .catch((error: unknown) => {
          if (this.#closed) return
          this.#bootFailures++
          this.#deps.log.warn({ err: error, failures: this.#bootFailures }, 'a blank sandbox did not boot')
        })
        .finally(() => {
          this.#refillTimer = null
          if (this.#runtimeToRefill() !== null && this.#hasRoomForBlank()) this.#refillSoon()
        })
    }, pauseMs)
  }

  async #refill(): Promise<void> {
    const runtime = this.#runtimeToRefill()
    if (runtime !== null && this.#hasRoomForBlank()) await this.#bootBlank(runtime)
  }

  /** The first runtime with fewer blanks than it should always have. */
  #runtimeToRefill(): AgentRuntime | null {
    for (const runtime of this.#wanted) if (this.#blanksOf(runtime) < this.#kept(runtime)) return runtime
    return null
  }

  #blanksOf(runtime: AgentRuntime): number {
    let count = 0
    for (const each of this.#blanks) if (each.runtime === runtime) count++
    return count
  }

  /** Blanks that are booted again at once. */
  #kept(runtime: AgentRuntime): number {
    return runtime === 'python' ? this.#deps.options.pythonBlanks : this.#deps.options.blanks
  }

  #blanksMb(): number {
    return this.#blanks.reduce((sum, each) => sum + BLANK_MB[each.runtime], 0)
  }

  #keptMb(): number {
    return [...this.#wanted].reduce((sum, runtime) => sum + this.#kept(runtime) * BLANK_MB[runtime], 0)
  }

  /** Blanks that idle moments are used for: what the busiest minute of the last hour would have taken. */
  #stockOf(runtime: AgentRuntime): number {
    if (this.#coldStarts === null) return 0
    return Math.min(this.#mostStock(runtime), this.#coldStarts[runtime].busiestMinute(this.#deps.monotonicMs()))
  }

  #mostStock(runtime: AgentRuntime): number {
    const { stock } = this.#deps.options
    if (this.#kept(runtime) === 0) return 0
    return stock === 'auto' ? Math.floor(this.#stockMb() / BLANK_MB[runtime]) : stock
  }

  #stockMb(): number {
    const runsMb =
      RUNS_BESIDE_STOCK * availableParallelism() * (this.#deps.options.defaultMemoryMb + RUNTIME_MB.javascript)
    return Math.min(this.#budgetMb * STOCK_SHARE, Math.max(this.#budgetMb / 2, this.#budgetMb - runsMb))
  }

  /** The first runtime with fewer blanks than idle moments should give it, if the memory holds one more. */
  #runtimeToStock(): AgentRuntime | null {
    if (this.#blanksMb() >= this.#stockMb() || !this.#hasRoomForBlank()) return null
    for (const runtime of this.#wanted)
      if (this.#blanksOf(runtime) < this.#kept(runtime) + this.#stockOf(runtime)) return runtime
    return null
  }

  /** Is a processor left over? Not only between runs: a stock that is sold while callers come all the time would else
   * be gone when it is needed most. */
  #isProcessorFree(): boolean {
    return this.#boots === 0 && this.#waiting.isEmpty && (this.#deps.idleProcessors?.() ?? 0) >= IDLE_SHARE
  }

  /** Boots one blank after the other as long as a processor is free, and lets one go that is not asked for any more. */
  async #stockUp(): Promise<void> {
    if (this.#isStocking || this.#closed || this.#bootFailures > 0) return
    this.#isStocking = true
    try {
      for (;;) {
        const runtime = this.#runtimeToStock()
        if (runtime === null || !this.#isProcessorFree()) break
        await this.#bootBlank(runtime)
      }
    } catch (error) {
      if (this.#closed) return
      // The next refill tries again, later each time.
      this.#bootFailures++
      this.#deps.log.warn({ err: error, failures: this.#bootFailures }, 'a blank sandbox did not boot')
      this.#refillSoon()
    } finally {
      this.#isStocking = false
    }
  }

  #letGoOfStock(): void {
    for (const runtime of this.#wanted) {
      if (this.#blanksOf(runtime) <= this.#kept(runtime) + this.#stockOf(runtime)) continue
      const oldest = this.#blanks.find((each) => each.runtime === runtime)
      if (oldest !== undefined) this.#retire(oldest, 'retired')
    }
  }

  #hasRoomForBlank(): boolean {
    return (
      !this.#closed &&
      // Runs that wait for a boot come first.
      this.#awaitingBoot === 0 &&
      this.#promisedTotalMb + this.#deps.options.defaultMemoryMb + RUNTIME_MB.javascript <= this.#budgetMb
    )
  }

  async #roomFreed(turn: Turn, signal: AbortSignal | undefined): Promise<void> {
    const place = turn.hasWaited ? 'head' : 'end'
    turn.hasWaited = true
    await this.#waiting.wait(turn.needMb, place, signal)
  }

  #watchEveryMs(): number {
    return this.#deps.limiter === null ? WATCH_MEMORY_EVERY_MS : WATCH_TIME_EVERY_MS
  }

  #watch(): void {
    const nowMs = this.#deps.monotonicMs()
    const watchesMemory = this.#deps.limiter === null
    for (const watched of this.#watched) {
      const { instance } = watched
      // Runs shorter than one interval are spared the look into procfs.
      if (nowMs - watched.sinceMs < this.#watchEveryMs()) continue
      const cpuMs = instance.cpuMs()
      const base = this.#cpuBase.get(watched)
      // First seen at most one interval after it began: so much is given away, never taken.
      if (cpuMs !== null && base === undefined) this.#cpuBase.set(watched, cpuMs)
      else if (cpuMs !== null && base !== undefined && cpuMs - base > watched.cpuLimitMs) instance.kill('cpu')
      const isLong = cpuMs !== null && base !== undefined && cpuMs - base > SHORT_RUN_CPU_MS
      // Alone it would yield to nobody of ours, but to whatever else this machine does.
      instance.yieldTo(isLong && this.#watched.size > 1 ? LONG_RUN_NICENESS : NICENESS)
      if (watchesMemory && (instance.residentBytes() ?? 0) > watched.memoryLimitBytes) instance.kill('memory')
    }
    for (const instance of this.#idle) {
      const idleMs = nowMs - instance.idleSinceMs
      if (idleMs >= this.#deps.options.warmMs) this.#retire(instance, 'retired')
      else if (idleMs >= LOWER_AFTER_MS) this.#rest(instance)
      else break
    }
    this.#letGoOfStock()
    // Nothing has ended for a while: who waits may have the memory of blanks now.
    if (!this.#endsSoon(nowMs)) this.#waiting.wakeHeads()
    void this.#stockUp()
  }
}

/** A run that has computed for so long lets all others go first: it hardly notices, and they would. Not 19: on a machine
 * that is busy with other things a run then stands still, and ends at its deadline. */
const SHORT_RUN_CPU_MS = 100
const LONG_RUN_NICENESS = 10
/** A warm instance that was in use within this time is likely to be so again. */
const RESTING_MS = 250
/** After so long it is promised less. Both ways cost writes to its control group, so not for callers who come and go. */
const LOWER_AFTER_MS = 2_000
/** For what its control group is charged besides: files in /tmp, tables of pages. */
const RESTING_SLACK_MB = 32
/** Blanks are booted ahead where this part of the machine's processors was not wanted in the last tenth of a second. */
const IDLE_SHARE = 0.3
/** Where a run began or ended within this time, one is likely to end soon. */
const ENDS_OFTEN_MS = 100
/** Who comes again so soon would have found his sandbox, had there been more memory for it. */
const RETURNS_WITHIN_MS = 10_000
const MAX_BOOTS = Math.max(2, availableParallelism())
const REFILL_PAUSE_MS = 2
/** What V8 and the threads' stacks take as data before any heap; 550 MB more for each worker, of which one must start. */
const DATA_FLOOR = 1_024 * MB

/** Blanks are booted before anyone knows for whom, and V8's heap bound is fixed at boot: so sizes come in powers of two. */
function heapClass(memoryMb: number): number {
  let size = 128
  while (size < memoryMb) size *= 2
  return size
}
