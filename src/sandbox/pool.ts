import { availableParallelism, totalmem } from 'node:os'
import type { Logger } from '../platform/logger.ts'
import type { CgroupLimiter, InstanceGroup } from './cgroups.ts'
import type { Driver } from './driver.ts'
import { Instance, NICENESS, type KillCause } from './instance.ts'
import type { Launcher } from './launcher.ts'
import { sandboxErrors } from './sandbox.errors.ts'
import type { AgentRuntime } from './sandbox.types.ts'

/** What an instance holds besides the agent's own memory: Deno itself, measured at 40-54 MB, and CPython with what the
 * harness imports, 15 MB. */
export const RUNTIME_MB: Readonly<Record<AgentRuntime, number>> = { javascript: 64, python: 32 }
/** Without a control group the resident set counts, which includes the pages of Deno's binary. */
const WATCHDOG_SLACK_MB = 48
const MB = 1_048_576
/** Memory must be looked at often, because what is allocated between two looks is not bounded; time need not. */
const WATCH_MEMORY_EVERY_MS = 20
const WATCH_TIME_EVERY_MS = 100

export type PoolOptions = {
  readonly blanks: number
  readonly pythonBlanks: number
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
  readonly #roomWaiters: (() => void)[] = []
  #booting = 0
  #boots = 0
  #awaitingBoot = 0
  readonly #bootWaiters: (() => void)[] = []
  /** Runtimes that blanks are booted of. Python's is added by the first who needs it: a host without Python agents pays
   * nothing. */
  readonly #wanted = new Set<AgentRuntime>(['javascript'])
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
    warm: number
    booting: number
    running: number
    promisedMb: number
    budgetMb: number
  } {
    return {
      blanks: this.#blanks.length,
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

  /** Gets an instance: warm for the key, or a blank, or one booted now.
   * @throws SANDBOX_STOPPED, the signal's reason, or an Error when a sandbox does not boot */
  async lease(order: LeaseOrder): Promise<Lease> {
    const askedAt = this.#deps.monotonicMs()
    const heapMb = heapClass(order.memoryMb)
    const runtime = order.runtime ?? 'javascript'
    const key = order.warmKey === null ? null : `${heapMb} ${order.warmKey}`
    for (;;) {
      if (this.#closed) throw sandboxErrors.SANDBOX_STOPPED()
      order.signal?.throwIfAborted()
      const warm = key === null ? undefined : this.#takeWarm(key)
      if (warm !== undefined) return this.#leaseOf(warm, key, order, false, askedAt, 0)
      const blankAt = this.#blanks.findIndex((each) => each.runtime === runtime && each.heapMb === heapMb)
      const blank = blankAt < 0 ? undefined : this.#blanks[blankAt]
      const needMb = order.memoryMb + RUNTIME_MB[runtime]
      if (!this.#makeRoom(blank ? 0 : 1, needMb - (blank ? (this.#promisedMb.get(blank) ?? 0) : 0), blank)) {
        await this.#roomFreed(order.signal)
        continue
      }
      if (blank !== undefined) {
        this.#blanks.splice(blankAt, 1)
        this.#promise(blank, needMb)
        this.#refillSoon()
        return this.#leaseOf(blank, key, order, true, askedAt, 0)
      }
      const bootAt = this.#deps.monotonicMs()
      const instance = await this.#boot(runtime, heapMb, order.memoryMb)
      return this.#leaseOf(instance, key, order, true, askedAt, this.#deps.monotonicMs() - bootAt)
    }
  }

  /** Kills everything and waits until no process and no control group is left. */
  async stop(): Promise<void> {
    this.#closed = true
    if (this.#refillTimer !== null) clearTimeout(this.#refillTimer)
    if (this.#watchdog !== null) clearInterval(this.#watchdog)
    this.#wakeWaiters()
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
    let released = false
    return {
      instance,
      cold,
      waitMs: Math.max(0, this.#deps.monotonicMs() - askedAt - bootMs),
      bootMs,
      release: (reusable) => {
        if (released) return
        released = true
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
        this.#wakeWaiters()
      },
    }
  }

  #takeWarm(key: string): Instance | undefined {
    // The last one in is the one whose caches are warmest.
    const instance = this.#warmByKey.get(key)?.at(-1)
    if (instance !== undefined) this.#forgetWarm(instance)
    return instance
  }

  #keepWarm(instance: Instance, key: string): void {
    instance.loadedKey = key
    instance.idleSinceMs = this.#deps.monotonicMs()
    this.#idle.add(instance)
    const same = this.#warmByKey.get(key)
    if (same === undefined) this.#warmByKey.set(key, [instance])
    else same.push(instance)
  }

  #forgetWarm(instance: Instance): void {
    if (!this.#idle.delete(instance) || instance.loadedKey === null) return
    const same = this.#warmByKey.get(instance.loadedKey)
    const at = same?.indexOf(instance) ?? -1
    if (same === undefined || at < 0) return
    same.splice(at, 1)
    if (same.length === 0) this.#warmByKey.delete(instance.loadedKey)
  }

  /** Is there room, after sending away those that idle longest, and blanks of another size? */
  #makeRoom(instances: number, megabytes: number, spare?: Instance): boolean {
    const fits = (): boolean =>
      this.#all.size + this.#awaitingBoot + instances <= this.#deps.options.maxInstances &&
      this.#promisedTotalMb + megabytes <= this.#budgetMb
    while (!fits()) {
      const [longestIdle] = this.#idle
      const victim = longestIdle ?? this.#blanks.find((each) => each !== spare)
      if (victim === undefined) return false
      this.#retire(victim, 'retired')
    }
    return true
  }

  /** Takes an instance out of every list before it is killed, so that its room counts as free at once. */
  #retire(instance: Instance, cause: KillCause): void {
    this.#forgetWarm(instance)
    const at = this.#blanks.indexOf(instance)
    if (at >= 0) this.#blanks.splice(at, 1)
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
    const at = this.#blanks.indexOf(instance)
    if (at >= 0) {
      this.#blanks.splice(at, 1)
      this.#refillSoon()
    }
    this.#unpromise(instance)
    this.#all.delete(instance)
    this.#dying.delete(instance)
    this.#wakeWaiters()
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
    const instance = await this.#boot(runtime, heapClass(defaultMemoryMb), defaultMemoryMb)
    if (this.#closed || !instance.isAlive) return instance.kill('stopped')
    // A blank runs no stranger's code, so it is promised only what it weighs.
    this.#promise(instance, RUNTIME_MB[runtime])
    this.#blanks.push(instance)
    this.#bootFailures = 0
    this.#wakeWaiters()
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

  /** The first runtime with fewer blanks than it should have. */
  #runtimeToRefill(): AgentRuntime | null {
    const { blanks, pythonBlanks } = this.#deps.options
    for (const runtime of this.#wanted) {
      const target = runtime === 'python' ? pythonBlanks : blanks
      if (this.#blanks.filter((each) => each.runtime === runtime).length < target) return runtime
    }
    return null
  }

  #hasRoomForBlank(): boolean {
    return (
      !this.#closed &&
      // Runs that wait for a boot come first.
      this.#awaitingBoot === 0 &&
      this.#all.size + this.#awaitingBoot < this.#deps.options.maxInstances &&
      this.#promisedTotalMb + this.#deps.options.defaultMemoryMb + RUNTIME_MB.javascript <= this.#budgetMb
    )
  }

  #roomFreed(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#roomWaiters.push(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  #wakeWaiters(): void {
    if (this.#roomWaiters.length === 0) return
    const waiters = this.#roomWaiters.splice(0)
    for (const wake of waiters) wake()
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
      instance.yieldTo(isLong ? LONG_RUN_NICENESS : NICENESS)
      if (watchesMemory && (instance.residentBytes() ?? 0) > watched.memoryLimitBytes) instance.kill('memory')
    }
    for (const instance of this.#idle) {
      if (nowMs - instance.idleSinceMs < this.#deps.options.warmMs) break
      this.#retire(instance, 'retired')
    }
  }
}

/** A run that has computed for so long lets all others go first: it hardly notices, and they would. A tenth of a share and not
 * less, because it has a deadline too, and an instance that stays warm cannot be raised again. */
const SHORT_RUN_CPU_MS = 100
const LONG_RUN_NICENESS = 10
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
