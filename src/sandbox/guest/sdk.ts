/** The module `bureau`: what an agent is written with. It is bundled into the agent, so it imports nothing but zod, and
 * it runs inside the sandbox: nothing here guards anything, it only makes the contract pleasant to keep. */
import { z } from 'zod'

/** A file input. It is pulled from the host piece by piece, so a large one need not fit into memory. */
export type AgentFile = {
  readonly name: string
  /** Media type as the caller declared it; a claim, not a fact. */
  readonly type: string
  readonly size: number
  text(): Promise<string>
  bytes(): Promise<Uint8Array>
  stream(): ReadableStream<Uint8Array>
}

type LogFields = Readonly<Record<string, unknown>>

/** What a run is given besides its input. */
export type AgentContext = {
  readonly runId: string
  /** Aborts when the caller cancels. */
  readonly signal: AbortSignal
  readonly log: {
    debug(message: string, fields?: LogFields): void
    info(message: string, fields?: LogFields): void
    warn(message: string, fields?: LogFields): void
    error(message: string, fields?: LogFields): void
  }
  /** @param fraction between 0 and 1 */
  progress(fraction: number, message?: string): void
  /** Charges an event of the manifest `n` times.
   * @throws an error with code `CAP_REACHED` when the caller's cap would be passed: nothing is charged then */
  charge(event: string, n?: number): void
  /** Delivers a JSON value of at most 256 kB now, to whoever watches the run. With `charge` the event is charged in the
   * same step. An agent may be an async generator instead: what it yields is emitted, what it returns is its output.
   * @throws an error with code `CAP_REACHED` when the caller's cap would be passed: nothing is delivered then */
  emit(chunk: unknown, options?: { readonly charge?: string }): void
  readonly artifacts: {
    /** Gives the caller a file, once the run is paid. Resolves when it is stored.
     * @throws an error with code `CAP_REACHED` as {@link AgentContext.emit} */
    put(
      name: string,
      content: Uint8Array | string,
      options?: { readonly type?: string; readonly charge?: string },
    ): Promise<void>
  }
  /** Stands for a secret of the manifest in the headers of a request: `Bearer ${ctx.secret('API_KEY')}`. The host puts the
   * value in on the way to the hosts declared for it; the agent never has it. Null where nobody has set one. */
  secret(name: string): string | null
  /** As everywhere, towards the hosts of the manifest. Streams both ways. Rejects with an error of code `EGRESS_DENIED` that
   * names the host where that is not declared, or not on the public internet. The global `fetch` is the same. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
}

export type Limits = {
  readonly timeoutMs?: number
  readonly memoryMb?: number
  /** Processor time over all threads; as much as wall-clock time without. */
  readonly cpuMs?: number
  readonly outputBytes?: number
  /** Log text that is kept; what is beyond is cut. */
  readonly logBytes?: number
  /** Requests over the network, redirects and refused ones among them. */
  readonly egressRequests?: number
  /** Bytes over the network, both ways together. */
  readonly egressBytes?: number
}

export type AgentDefinition<I extends z.ZodType, O extends z.ZodType> = {
  readonly name: string
  readonly description?: string
  /** What it is for, from the site's list; `other` without it. */
  readonly category?: string
  /** One emoji, or the name of an icon from the site's list. */
  readonly icon?: string
  /** How a page shows the output; by its shape without it. */
  readonly view?: 'markdown' | 'table' | 'image' | 'audio' | 'html' | 'json'
  readonly input: I
  readonly output: O
  /** Decimal strings of credits. `max` is required where there are events. */
  readonly price?: {
    readonly run?: string
    readonly events?: Readonly<Record<string, string>>
    readonly max?: string
  }
  /** What a run may take at most. The site's own bounds hold where one is left out, and none may be above them. */
  readonly limits?: Limits
  /** Hosts the agent wants to reach: `example.com`, `*.example.com`, `example.com:8443`, or `*` for every public one. */
  readonly egress?: readonly string[]
  /** Values of the caller, or of you, that are put into requests towards these hosts. See {@link AgentContext.secret}. */
  readonly secrets?: readonly {
    readonly name: string
    readonly description?: string
    readonly hosts: readonly string[]
  }[]
  /** Inputs that work; a file input is a path beside the agent's source (`./sales.csv`). */
  readonly examples?: readonly { readonly name: string; readonly input: unknown }[]
  readonly streams?: boolean
  /** May a run whose process died be executed again? */
  readonly idempotent?: boolean
  /** How long input, output, logs and files of a run are kept, if less than the site does: `30m`, `12h`, `7d`; `0m` not
   * beyond the answer. Callers may ask for less still. */
  readonly retention?: string
  run(
    input: z.output<I>,
    ctx: AgentContext,
  ): Promise<z.input<O>> | z.input<O> | AsyncGenerator<unknown, z.input<O>, undefined>
}

type Issue = { readonly path: string; readonly message: string }
type Finished =
  | { readonly ok: true; readonly output: unknown }
  | {
      readonly ok: false
      readonly code: 'AGENT_INPUT_REJECTED' | 'AGENT_OUTPUT_INVALID'
      readonly message: string
      readonly issues: readonly Issue[]
    }

/** What `defineAgent` makes: the two things the sandbox asks of an agent. */
export type Agent = {
  describe(): AgentManifest
  execute(input: unknown, ctx: AgentContext): Promise<Finished>
}

/** An agent's own account of itself, as JSON. */
export type AgentManifest = {
  readonly contract: 1
  readonly name: string
  readonly description?: string
  readonly category?: string
  readonly icon?: string
  readonly view?: string
  /** JSON Schema of what a caller sends. */
  readonly input: unknown
  /** JSON Schema of what a caller gets. */
  readonly output: unknown
  readonly price: {
    readonly run?: string
    readonly events?: Readonly<Record<string, string>>
    readonly max?: string
  }
  readonly limits: Limits
  readonly egress: readonly string[]
  readonly secrets: readonly {
    readonly name: string
    readonly description?: string
    readonly hosts: readonly string[]
  }[]
  readonly examples: readonly { readonly name: string; readonly input: unknown }[]
  readonly streams: boolean
  readonly idempotent: boolean
  readonly retention?: string
}

/** Makes an agent; use it as the default export. Input and output are checked against their schemas on every run. */
export function defineAgent<I extends z.ZodType, O extends z.ZodType>(definition: AgentDefinition<I, O>): Agent {
  return {
    describe: () => ({
      contract: 1,
      name: definition.name,
      ...(definition.description === undefined ? {} : { description: definition.description }),
      ...(definition.category === undefined ? {} : { category: definition.category }),
      ...(definition.icon === undefined ? {} : { icon: definition.icon }),
      ...(definition.view === undefined ? {} : { view: definition.view }),
      input: z.toJSONSchema(definition.input, { io: 'input' }),
      output: z.toJSONSchema(definition.output, { io: 'output' }),
      price: definition.price ?? {},
      limits: definition.limits ?? {},
      egress: definition.egress ?? [],
      secrets: definition.secrets ?? [],
      examples: definition.examples ?? [],
      streams: definition.streams ?? false,
      idempotent: definition.idempotent ?? false,
      ...(definition.retention === undefined ? {} : { retention: definition.retention }),
    }),
    async execute(input, ctx) {
      const given = await definition.input.safeParseAsync(input)
      if (!given.success)
        return rejected('AGENT_INPUT_REJECTED', 'The input does not match what the agent takes', given.error)
      const answer = await definition.output.safeParseAsync(await drained(definition.run(given.data, ctx), ctx))
      if (!answer.success)
        return rejected('AGENT_OUTPUT_INVALID', 'The agent answered what its own output schema forbids', answer.error)
      return { ok: true, output: answer.data }
    },
  }
}

/** What an agent that is a generator returns, after everything it yields was emitted. */
async function drained(answer: unknown, ctx: AgentContext): Promise<unknown> {
  if (!isGenerator(answer)) return answer
  for (;;) {
    const { done, value } = await answer.next()
    if (done === true) return value
    ctx.emit(value)
  }
}

function isGenerator(answer: unknown): answer is AsyncGenerator<unknown, unknown, undefined> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer && 'next' in answer
}

function rejected(
  code: 'AGENT_INPUT_REJECTED' | 'AGENT_OUTPUT_INVALID',
  message: string,
  error: z.ZodError<unknown>,
): Finished {
  const issues = error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join('.').slice(0, 500),
    message: issue.message.slice(0, 1_000),
  }))
  return { ok: false, code, message, issues }
}

const FILE_BRAND = Symbol.for('bureau.file')

/** A file input: in JSON Schema a string with format `bureau-file`, in the agent an {@link AgentFile}. A caller sends it
 * inline as text or as `{"$base64": …}`, as multipart, or uploaded before.
 * @param options.accept media types taken; `text/*` takes a whole family   @param options.maxBytes largest size taken */
export function file(
  options: { readonly accept?: readonly string[]; readonly maxBytes?: number } = {},
): z.ZodType<AgentFile> {
  const accept = options.accept ?? []
  const maxBytes = options.maxBytes ?? 10_000_000
  return z
    .unknown()
    .meta({
      type: 'string',
      format: 'bureau-file',
      'x-accept': [...accept],
      'x-max-bytes': maxBytes,
    })
    .transform((value, check): AgentFile => {
      const given = typeof value === 'string' ? inlineFile(value, accept[0] ?? 'text/plain') : value
      if (!isAgentFile(given)) {
        check.addIssue({ code: 'custom', message: 'Expected a file, or its content as a string' })
        return z.NEVER
      }
      if (given.size > maxBytes)
        check.addIssue({
          code: 'custom',
          message: `The file has ${given.size} bytes; at most ${maxBytes} are taken`,
        })
      if (accept.length > 0 && !accept.some((pattern) => takesType(pattern, given.type)))
        check.addIssue({
          code: 'custom',
          message: `The file is ${given.type}; taken are ${accept.join(', ')}`,
        })
      return given
    })
}

function takesType(pattern: string, type: string): boolean {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase()
  return pattern.endsWith('/*') ? plain.startsWith(pattern.slice(0, -1)) : pattern === '*' || plain === pattern
}

function isAgentFile(value: unknown): value is AgentFile {
  return typeof value === 'object' && value !== null && FILE_BRAND in value
}

function inlineFile(text: string, type: string): AgentFile {
  const bytes = new TextEncoder().encode(text)
  const made = {
    [FILE_BRAND]: true,
    name: 'inline',
    type,
    size: bytes.length,
    text: async () => text,
    bytes: async () => bytes.slice(),
    stream: () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(bytes.slice())
          controller.close()
        },
      }),
  }
  return made
}
