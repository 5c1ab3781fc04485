import type { HostRecord } from './egress/egress-record.ts'
import type { Service } from '../platform/service.ts'

/** What executes an agent's code. */
export const agentRuntimes = ['javascript', 'python'] as const
export type AgentRuntime = (typeof agentRuntimes)[number]

/** An agent's code: one self-contained ES module, or for Python the files of the agent as one JSON text. */
export type AgentCode = {
  /** Lower-case hex SHA-256 of `source`; sandboxes are reused by it. */
  readonly sha256: string
  readonly source: string
  /** Without it JavaScript. */
  readonly runtime?: AgentRuntime
}

/** A file input, pulled by the guest piece by piece. `read` answers at most `length` bytes from `offset`. */
export type FileSource = {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  read(offset: number, length: number): Promise<Uint8Array>
}

/** The caller's input as it came: raw JSON text. Inside it a file is an inline string or `{"$file": "<key of files>"}`. */
export type AgentInput = {
  readonly json: string | Uint8Array
  readonly files: ReadonlyMap<string, FileSource>
}

export type ExecutionLimits = {
  readonly timeoutMs: number
  /** The agent's own memory; the runtime's share comes on top. */
  readonly memoryMb: number
  readonly maxOutputBytes: number
  readonly maxLogBytes: number
  /** Processor time of this run over all threads; without it `timeoutMs` counts. */
  readonly cpuMs?: number
  /** Requests over the network, and bytes both ways: what the operator allows where it is less, or where none is named. */
  readonly egressRequests?: number | undefined
  readonly egressBytes?: number | undefined
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogEntry = {
  /** Milliseconds since the run was handed to the sandbox, by the host's clock. */
  readonly atMs: number
  readonly level: LogLevel
  readonly message: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** A value that the host puts into a run's requests, towards these hosts only. It never enters the sandbox. */
export type SecretGrant = { readonly value: string; readonly hosts: readonly string[] }

/** What a run may reach over the network: hosts as its manifest names them, and the secrets that are set, by name. */
export type EgressGrant = {
  readonly hosts: readonly string[]
  readonly secrets: ReadonlyMap<string, SecretGrant>
}

export type ExecutionOptions = {
  readonly runId: string
  /** Who may share a warm sandbox: (version, principal). `null` asks for a fresh one, destroyed afterwards. */
  readonly isolationKey: string | null
  readonly limits: ExecutionLimits
  /** Price of each event in micro-credits, and how much all events together may cost. */
  readonly charges: {
    readonly events: Readonly<Record<string, bigint>>
    readonly capMicro: bigint
  }
  /** What it may reach; nothing without. */
  readonly egress?: EgressGrant
  onProgress?(fraction: number, message: string): void
  /** What the agent emitted: the text of a JSON value, within size and depth. */
  onChunk?(json: Buffer): void
  /** An event was charged, within the cap. */
  onCharge?(event: string, n: number): void
  /** Stores what the agent made, as it arrives. Without it artifacts are not supported. */
  storeArtifact?(artifact: ArtifactContent): Promise<void>
  /** Null, or resolves when more may be said: until then the agent waits in its next word. */
  untilFree?(): Promise<void> | null
  onLog?(entry: LogEntry): void
  readonly signal?: AbortSignal
}

export type ArtifactContent = {
  readonly name: string
  /** Media type as the agent declared it; a claim, not a fact. */
  readonly type: string
  readonly sizeBytes: number
  readonly content: AsyncIterable<Uint8Array>
  /** False once the run is over: then it is in no receipt. Asked again when it is stored. */
  readonly isWanted: () => boolean
}

/** Why a run failed. All but `SANDBOX_FAILED` are the agent's or the caller's doing. */
export const failureCodes = [
  'AGENT_THREW',
  'AGENT_EXITED',
  'AGENT_NEVER_SETTLED',
  'AGENT_INPUT_REJECTED',
  'AGENT_OUTPUT_INVALID',
  'AGENT_NOT_LOADABLE',
  'AGENT_PROTOCOL_VIOLATION',
  'RUN_OUT_OF_MEMORY',
  'RUN_CPU_EXCEEDED',
  'RUN_OUTPUT_TOO_LARGE',
  'EGRESS_DENIED',
  'EGRESS_LIMIT',
  'CAP_REACHED',
  'NOT_SUPPORTED',
  'SANDBOX_FAILED',
] as const
export type FailureCode = (typeof failureCodes)[number]

export type InputIssue = { readonly path: string; readonly message: string }

export type { HostRecord } from './egress/egress-record.ts'

export type ExecutionTimings = {
  /** Waiting for room among the instances. */
  readonly waitMs: number
  /** Booting a sandbox because no blank was ready; 0 otherwise. */
  readonly bootMs: number
  /** Loading the code into it; 0 when warm. */
  readonly injectMs: number
  readonly runMs: number
}

export type ExecutionFacts = {
  readonly logs: readonly LogEntry[]
  readonly logsTruncated: boolean
  /** How often each event was charged. Checked against the cap by the host. */
  readonly events: Readonly<Record<string, number>>
  /** Chunks and artifacts that left for the caller. */
  readonly delivered: number
  /** What it did over the network, by host. */
  readonly egress: readonly HostRecord[]
  readonly startedCold: boolean
  readonly timings: ExecutionTimings
}

export type ExecutionEnd =
  | {
      readonly kind: 'succeeded'
      /** The JSON text exactly as the guest wrote it: valid, UTF-8, within size and depth. Never parsed here. */
      readonly outputJson: Buffer
    }
  | {
      readonly kind: 'failed'
      readonly code: FailureCode
      readonly message: string
      readonly stack?: string
      readonly issues?: readonly InputIssue[]
    }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'canceled' }

export type Execution = ExecutionEnd & ExecutionFacts

export type Description =
  | { readonly ok: true; readonly manifest: unknown }
  | {
      readonly ok: false
      readonly code: FailureCode | 'TIMED_OUT'
      readonly message: string
      readonly stack?: string
    }

export type IsolationGrade = 'strong' | 'process' | 'none'

export type SelfTestCheck = {
  readonly name: string
  /** Did the wall hold? */
  readonly held: boolean
  readonly evidence: string
  /** A check below `strong` alone lowers the grade to `process`; one below `process` lowers it to `none`. */
  readonly neededFor: 'strong' | 'process'
}

/** Python here. `untried` before the first agent needs it: then it is found, and its walls are tried. */
export type PythonReport = {
  readonly grade: IsolationGrade | 'untried'
  readonly version: string | null
  /** Why Python agents are not run here, and the one command that mends it. */
  readonly why: string | null
  readonly mend: string | null
  readonly checks: readonly SelfTestCheck[]
}

export type SandboxReport = {
  readonly python: PythonReport
  readonly grade: IsolationGrade
  readonly driver: 'bubblewrap' | 'util-linux' | 'deno' | 'none'
  readonly limiter: 'cgroup-v2' | 'cgroup-v1' | 'watchdog'
  /** Why the grade is not `strong`. */
  readonly why: string | null
  /** The one command that lifts the grade, when there is one. */
  readonly mend: string | null
  readonly weakIsolationAllowed: boolean
  readonly checks: readonly SelfTestCheck[]
  /** Sandboxes that stand ready, and how many should. */
  readonly blanks: number
  readonly blanksWanted: number
  /** And how many ever will in idle moments. */
  readonly mostBlanks: number
  readonly warm: number
  readonly booting: number
  /** Leased instances. */
  readonly running: number
  /** Runs waiting for a slot. */
  readonly waiting: number
  readonly slots: { readonly taken: number; readonly total: number }
  readonly memory: { readonly promisedMb: number; readonly budgetMb: number }
}

/** The right to execute one run now. `release` is idempotent. */
export type Slot = { readonly waitedMs: number; release(): void }

export type Sandbox = Service & {
  executeAgentCode(agentCode: AgentCode, input: AgentInput, options: ExecutionOptions): Promise<Execution>
  describeAgentCode(agentCode: AgentCode): Promise<Description>
  /** @param options.most slots that this payer may hold at a time */
  acquireSlot(payer: string, options?: { readonly signal?: AbortSignal; readonly most?: number }): Promise<Slot>
  /** Finds Python, tries its walls and boots a blank of it ahead, once. Python agents run at `strong` only: it has no
   * permissions of its own, so nothing stands behind the operating system's walls. */
  tryPython(): Promise<PythonReport>
  report(): SandboxReport
  /** Of the report what every run asks for. */
  grade(): SandboxReport['grade']
}
