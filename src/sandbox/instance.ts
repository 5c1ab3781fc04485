import { readFileSync } from 'node:fs'
import { yieldProcessors } from './yield-processors.ts'
import type { InstanceGroup } from './cgroups.ts'
import type { SpawnPlan } from './driver.ts'
import { FrameReader, type FrameFault, type GuestFrame } from './frames.ts'
import type { LaunchedProcess, Launcher } from './launcher.ts'
import type { AgentRuntime } from './sandbox.types.ts'

/** Why we killed an instance ourselves. Kept before the signal is sent, so that it never has to be guessed afterwards. */
export type KillCause =
  | 'boot'
  | 'deadline'
  | 'canceled'
  | 'violation'
  | 'too_large'
  | 'cpu'
  | 'memory'
  | 'egress'
  | 'retired'
  | 'stopped'

/** How an instance ended, from facts the guest cannot choose: our own record and the kernel's counters. The exit code is
 * only told, never judged: a guest can `exit(137)`. */
export type Death = {
  readonly killedBy: KillCause | null
  readonly outOfMemory: boolean
  readonly code: number | null
  readonly signal: string | null
}

/** Who hears an instance while it is leased. */
export type Listener = {
  frame(frame: GuestFrame, payload: Buffer | null): void
  fault(fault: FrameFault): void
  died(death: Death): void
}

export type InstanceDeps = {
  readonly launcher: Launcher
  readonly plan: SpawnPlan
  readonly group: InstanceGroup | null
  readonly memoryBytes: number
  readonly heapMb: number
  readonly runtime: AgentRuntime
  readonly bootTimeoutMs: number
  onDeath(instance: Instance, death: Death): void
}

/** One sandbox process. It is leased to one run at a time; what it says outside a lease destroys it. */
export class Instance {
  readonly heapMb: number
  readonly runtime: AgentRuntime
  /** Key of the code loaded, set once by whoever loads. */
  loadedKey: string | null = null
  runs = 0
  idleSinceMs = 0
  isResting = false
  memoryBytes: number
  readonly #deps: InstanceDeps
  readonly #process: LaunchedProcess
  readonly #reader: FrameReader
  #listener: Listener | null = null
  #killedBy: KillCause | null = null
  #death: Death | null = null
  #stderr = ''
  readonly #mourners: (() => void)[] = []
  #guestPid: number | null = null
  #niceness = 0
  #afterDeath: Promise<void> = Promise.resolve()

  constructor(deps: InstanceDeps) {
    this.#deps = deps
    this.heapMb = deps.heapMb
    this.runtime = deps.runtime
    this.memoryBytes = deps.memoryBytes
    this.#reader = new FrameReader({
      frame: (frame, payload) => {
        if (this.#listener !== null) this.#listener.frame(frame, payload)
        else this.kill('violation')
      },
      fault: (fault) => {
        if (this.#listener !== null) this.#listener.fault(fault)
        else this.kill('violation')
      },
    })
    this.#process = deps.launcher.launch(deps.plan, {
      data: (chunk) => this.#reader.feed(chunk),
      ended: (code, signal, stderr) => {
        this.#stderr = stderr
        this.#ended(code, signal)
      },
    })
  }

  get isAlive(): boolean {
    return this.#death === null && this.#killedBy === null
  }

  /** What it wrote to stderr, for the operator's log; never a ground for a decision. */
  get stderr(): string {
    return this.#stderr
  }

  /** Waits for the first frame.
   * @throws Error if it dies or stays silent beyond the boot deadline */
  async ready(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => this.kill('boot'), this.#deps.bootTimeoutMs)
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        this.#listener = null
        settle()
      }
      this.#listener = {
        frame: (frame) => {
          if (frame.t !== 'ready') return this.kill('boot')
          this.yieldTo(NICENESS)
          end(resolve)
        },
        fault: () => this.kill('boot'),
        died: (death) =>
          end(() =>
            reject(new Error(`a sandbox did not boot: ${JSON.stringify(death)} ${this.#stderr.slice(0, 500)}`)),
          ),
      }
      if (this.#death !== null) this.#listener.died(this.#death)
    })
  }

  /** From here on frames go to `listener`; `maxPayloadBytes` bounds a result.
   * @throws Error if somebody else has it: then it serves neither, rather than one the other's answer */
  lease(listener: Listener, maxPayloadBytes: number): void {
    if (this.#listener !== null) {
      this.kill('violation')
      throw new Error('a sandbox was leased twice')
    }
    this.#listener = listener
    this.#reader.payloadLimit = maxPayloadBytes
    this.runs++
    if (this.#death !== null) listener.died(this.#death)
  }

  /** Ends the lease: whatever comes now, comes uncalled. */
  endLease(): void {
    this.#listener = null
    this.#reader.payloadLimit = 0
  }

  /** What belongs together goes in one call: each wakes the guest once. */
  send(...parts: readonly (string | Uint8Array)[]): void {
    this.#process.write(...parts)
  }

  /** Resolves when the guest has taken what was sent, or has died. */
  async drained(): Promise<void> {
    await this.#process.drained()
  }

  /** Stops listening to the guest, who then waits in its next word. */
  pause(): void {
    this.#process.pause()
  }

  resume(): void {
    this.#process.resume()
  }

  /** @returns false where the kernel refuses, because more is in use */
  setMemory(bytes: number): boolean {
    if (bytes === this.memoryBytes) return true
    try {
      this.#deps.group?.setMemoryLimit(bytes)
    } catch (error) {
      if (bytes < this.memoryBytes) return false
      throw error
    }
    this.memoryBytes = bytes
    return true
  }

  /** Lets others have the processors first. @param niceness how much so, up to 19; never less than before */
  yieldTo(niceness: number): void {
    const pid = niceness > this.#niceness ? this.#findGuestPid() : null
    if (pid !== null && yieldProcessors(pid, niceness)) this.#niceness = niceness
  }

  /** Ends the process group at once. The first cause stays. */
  kill(cause: KillCause): void {
    if (this.#death !== null) return
    this.#killedBy ??= cause
    this.#reader.close()
    this.#process.kill()
    this.#deps.group?.kill()
  }

  /** Resolves when the process is gone and its control group removed. */
  async gone(): Promise<void> {
    if (this.#death === null) await new Promise<void>((resolve) => this.#mourners.push(resolve))
    await this.#afterDeath
  }

  /** The guest's own process, as the host counts; null where procfs does not tell. */
  get guestPid(): number | null {
    return this.#findGuestPid()
  }

  /** Processor time of the guest so far, all threads; null where procfs does not tell. */
  cpuMs(): number | null {
    const pid = this.#findGuestPid()
    if (pid === null) return null
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      // The second field is the name in parentheses and may hold spaces; utime and stime are fields 14 and 15.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
    } catch {
      // It has just ended.
      return null
    }
  }

  /** Resident memory of the guest; null where procfs does not tell. */
  residentBytes(): number | null {
    return this.#pages()?.resident ?? null
  }

  /** Of it what is shared with nobody's files; null where procfs does not tell. */
  ownBytes(): number | null {
    const pages = this.#pages()
    return pages === null ? null : pages.resident - pages.ofFiles
  }

  #pages(): { resident: number; ofFiles: number } | null {
    const pid = this.#findGuestPid()
    if (pid === null) return null
    try {
      const [, resident = 0, ofFiles = 0] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number)
      return { resident: resident * PAGE_BYTES, ofFiles: ofFiles * PAGE_BYTES }
    } catch {
      // It has just ended.
      return null
    }
  }

  /** Deno is what the last of the wrappers started, or what they became. */
  #findGuestPid(): number | null {
    if (this.#guestPid !== null) return this.#guestPid
    const { pid } = this.#process
    if (pid === null || this.#death !== null) return null
    try {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')
      this.#guestPid = Number(children[0]) || pid
    } catch {
      // No procfs (macOS).
      return null
    }
    return this.#guestPid
  }

  #ended(code: number | null, signal: string | null): void {
    if (this.#death !== null) return
    this.#reader.close()
    const outOfMemory = (this.#deps.group?.outOfMemoryKills() ?? 0) > 0
    this.#death = { killedBy: this.#killedBy, outOfMemory, code, signal }
    this.#afterDeath = this.#deps.group?.remove() ?? Promise.resolve()
    const listener = this.#listener
    this.#listener = null
    listener?.died(this.#death)
    this.#deps.onDeath(this, this.#death)
    for (const done of this.#mourners.splice(0)) done()
  }
}

/** Behind the server and its database, which everybody's runs need. */
export const NICENESS = 5
/** USER_HZ is 100 on every architecture we run on. */
const MS_PER_TICK = 10
const PAGE_BYTES = 4096
