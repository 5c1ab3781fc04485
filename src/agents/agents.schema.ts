import { z } from 'zod'
import { parseCredits } from '../credits/index.ts'
import { columnText } from '../http/index.ts'
import { agentRuntimes, isCovered, parseHostPattern, type AgentRuntime } from '../sandbox/index.ts'
import { widening } from './consent/terms.ts'
import { parseRetain } from './parse-retain.ts'
import {
  AGENT_CATEGORIES,
  AGENT_ICONS,
  AGENT_LANGUAGES,
  OUTPUT_VIEWS,
  type AgentCategory,
  type OutputView,
} from './manifest-words.ts'

/** JSON Schema as the agent's own zod wrote it: an object, or the schemas "anything" and "nothing". */
const jsonSchema = z.union([z.record(z.string(), z.unknown()), z.boolean()])
export type JsonSchema = z.infer<typeof jsonSchema>

/** Credits as a decimal string, parsed to micro-credits. */
export const creditsText = z.string().transform((text, check): bigint => {
  try {
    return parseCredits(text)
  } catch {
    check.addIssue({
      code: 'custom',
      message: 'must be credits as a decimal string of at most 6 places, such as "0.1"',
    })
    return z.NEVER
  }
})

const eventName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, {
  error: 'is not an event name: lower-case letters, digits and underscores, at most 40',
})

const hostName = z
  .string()
  .max(253)
  .refine((text) => parseHostPattern(text) !== null, {
    error: 'is not a host: example.com, *.example.com, example.com:8443, or * for every public host',
  })

/** A value that the host puts into requests towards `hosts`; the agent only ever holds its name. */
const secretDeclaration = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]{0,49}$/, {
    error: 'is not a name of a secret: upper-case letters, digits and underscores, at most 50',
  }),
  description: columnText(500).default(''),
  hosts: z
    .array(hostName.refine((host) => !host.startsWith('*:') && host !== '*', { error: 'must name the host' }))
    .min(1)
    .max(10),
})

const retention = z.string().transform((text, check): number => {
  const ms = parseRetain(text)
  if (ms !== null) return ms
  check.addIssue({ code: 'custom', message: 'is no time such as 30m, 12h or 7d' })
  return z.NEVER
})

const icon = z.union(
  [
    z.enum(AGENT_ICONS),
    z
      .string()
      .max(32)
      .refine((text) => /^\p{RGI_Emoji}$/v.test(text)),
  ],
  { error: 'is neither one emoji nor the name of an icon that sites have, such as chart-column' },
)

const price = z
  .strictObject({
    run: creditsText.default(0n),
    events: z.record(eventName, creditsText).default({}),
    max: creditsText.optional(),
  })
  .superRefine((given, check) => {
    if (Object.keys(given.events).length > 20) issue(check, ['events'], 'has more than 20 events')
    if (Object.keys(given.events).length > 0 && given.max === undefined)
      issue(check, ['max'], 'is required where there are events: it is the most that a run may cost')
    if (given.max !== undefined && given.max < given.run) issue(check, ['max'], 'is below the price of the run')
  })
  .transform(({ run, events, max }) => ({ runMicro: run, events, maxMicro: max ?? run }))

function issue(check: z.RefinementCtx, path: string[], message: string): void {
  check.addIssue({ code: 'custom', path, message })
}

/** What an agent says of itself, as it comes out of the sandbox: `unknown` until this has parsed it. */
export const guestManifest = z
  .strictObject({
    contract: z.literal(1),
    name: columnText(100).pipe(z.string().trim().min(1)),
    description: columnText(5_000).default(''),
    category: z.enum(AGENT_CATEGORIES, { error: `is none of ${AGENT_CATEGORIES.join(', ')}` }).default('other'),
    icon: icon.optional(),
    view: z.enum(OUTPUT_VIEWS, { error: `is none of ${OUTPUT_VIEWS.join(', ')}` }).optional(),
    input: jsonSchema.nullish(),
    output: jsonSchema.nullish(),
    price: price.prefault({}),
    limits: z
      .strictObject({
        timeoutMs: z.number().int().min(10).optional(),
        memoryMb: z.number().int().min(16).optional(),
        cpuMs: z.number().int().min(10).optional(),
        outputBytes: z.number().int().min(1).optional(),
        logBytes: z.number().int().min(0).optional(),
        egressRequests: z.number().int().min(1).optional(),
        egressBytes: z.number().int().min(1).optional(),
      })
      .default({}),
    egress: z.array(hostName).max(50).default([]),
    secrets: z.array(secretDeclaration).max(10).default([]),
    examples: z
      .array(z.strictObject({ name: columnText(100).pipe(z.string().trim().min(1)), input: z.unknown() }))
      .max(10)
      .default([]),
    streams: z.boolean().default(false),
    idempotent: z.boolean().default(false),
    retention: retention.optional(),
  })
  .superRefine(({ egress, secrets }, check) => {
    for (const [at, { name, hosts }] of secrets.entries()) {
      if (secrets.findIndex((other) => other.name === name) !== at)
        issue(check, ['secrets', String(at)], `${name} is declared twice`)
      for (const host of hosts)
        if (!isCovered(egress, host))
          issue(check, ['secrets', String(at)], `${host} does not stand in egress: nothing can be sent there`)
    }
  })
export type GuestManifest = z.infer<typeof guestManifest>

/** A bare function says nothing of itself: it takes anything, answers anything and is free. */
export const bareManifest = z.strictObject({ contract: z.literal(1), bare: z.literal(true) })

export type SecretDeclaration = {
  readonly name: string
  readonly description: string
  readonly hosts: readonly string[]
}

/** The bounds of a version's runs. Those that may be missing were not named: then the operator's hold, as they are when it
 * runs. */
const agentLimits = z.object({
  timeoutMs: z.number(),
  memoryMb: z.number(),
  cpuMs: z.number(),
  outputBytes: z.number().optional(),
  logBytes: z.number().optional(),
  egressRequests: z.number().optional(),
  egressBytes: z.number().optional(),
})
export type AgentLimits = z.infer<typeof agentLimits>

/** A version's manifest: what the agent declared, with the operator's defaults filled in. Examples stand apart. */
export type AgentManifest = {
  readonly name: string
  readonly description: string
  /** `other` where not declared. */
  readonly category?: AgentCategory
  /** Name of an icon, or one emoji. */
  readonly icon?: string | null
  readonly view?: OutputView | null
  readonly input: JsonSchema | null
  readonly output: JsonSchema | null
  readonly price: {
    readonly runMicro: bigint
    readonly events: Readonly<Record<string, bigint>>
    readonly maxMicro: bigint
  }
  readonly limits: AgentLimits
  readonly egress: readonly string[]
  readonly secrets: readonly SecretDeclaration[]
  readonly idempotent: boolean
  readonly streams: boolean
  /** What executes it: JavaScript where it is not said. */
  readonly runtime?: AgentRuntime
  /** How long the content of its runs is kept at most; null as long as the site does. */
  readonly retainMs?: number | null
}

const micro = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt)

/** The manifest as a row and the cache keep it: amounts as decimal strings of micro-credits. */
export const storedManifest = z.object({
  name: z.string(),
  description: z.string(),
  category: z.enum(AGENT_CATEGORIES).default('other').catch('other'),
  icon: z.string().nullable().default(null),
  view: z.enum(OUTPUT_VIEWS).nullable().default(null).catch(null),
  input: jsonSchema.nullable(),
  output: jsonSchema.nullable(),
  price: z.object({ runMicro: micro, events: z.record(z.string(), micro), maxMicro: micro }),
  limits: agentLimits,
  egress: z.array(z.string()),
  // Versions published before there were any have none.
  secrets: z.array(z.object({ name: z.string(), description: z.string(), hosts: z.array(z.string()) })).default([]),
  idempotent: z.boolean(),
  streams: z.boolean(),
  // Versions published before there was another are JavaScript.
  runtime: z.enum(agentRuntimes).default('javascript'),
  retainMs: z.number().nullable().default(null),
})
export type StoredManifest = z.input<typeof storedManifest>

export function storeManifest(manifest: AgentManifest): StoredManifest {
  const { price } = manifest
  return {
    ...manifest,
    egress: [...manifest.egress],
    secrets: manifest.secrets.map((secret) => ({ ...secret, hosts: [...secret.hosts] })),
    price: {
      runMicro: price.runMicro.toString(),
      events: Object.fromEntries(Object.entries(price.events).map(([name, each]) => [name, each.toString()])),
      maxMicro: price.maxMicro.toString(),
    },
  }
}

const exampleFile = z.object({ name: z.string(), type: z.string(), sizeBytes: z.number().int() })

/** An example with the answer that its smoke run gave, and where the files of that run stand. `input` can be posted as it
 * stands. */
export const agentExample = z.object({
  name: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  files: z.array(exampleFile.extend({ key: z.string() })).default([]),
})
export type AgentExample = z.infer<typeof agentExample>

const exampleView = z.object({
  name: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  files: z.array(exampleFile.extend({ url: z.string() })).describe('What the run of the example made'),
})

/** A version as the cache keeps it: immutable, so it may be kept for ever. */
export const versionRecord = z.object({
  agentId: z.string(),
  version: z.number().int(),
  fileUrl: z.string(),
  sha256: z.string(),
  sizeBytes: z.number().int(),
  trusted: z.boolean(),
  manifest: storedManifest,
})
export type VersionRecord = z.infer<typeof versionRecord>

const priceView = z.object({
  run: z.string().describe('Credits for the run itself, as a decimal'),
  events: z.record(z.string(), z.string()).describe('Credits for each event that the agent charges'),
  max: z.string().describe('The most that a run can cost: held when it starts'),
})

export const agentListItem = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  owner: z.string().describe("The account's name in addresses"),
  ownerName: z.string(),
  slug: z.string(),
  status: z.enum(['draft', 'in_review', 'active', 'inactive', 'suspended']),
  visibility: z.enum(['private', 'unlisted', 'public']),
  version: z.number().int().nullable(),
  category: z.enum(AGENT_CATEGORIES),
  language: z.enum(AGENT_LANGUAGES),
  icon: z.string().nullable().describe('Name of a lucide icon, or one emoji'),
  price: priceView.nullable(),
  typical: z
    .object({
      charge: z.string().describe('Credits: the mean charge of runs that were done'),
      ms: z.number().describe('Milliseconds: the median, averaged over hours'),
    })
    .nullable()
    .describe('Of the last 30 days; null before the first run that was done'),
  success: z
    .object({
      rate: z.number().nullable().describe('Part of the runs that were done, stopped ones left out; null without any'),
      runs: z.number().int().describe('Runs that count for it'),
    })
    .describe("Of the last 30 days; the creator's own runs count for nothing"),
  runs: z.number().int().describe("In the last 30 days; the creator's own runs count for nothing"),
  isTrial: z.boolean().describe('Visitors may run it a few times a day'),
  hosts: z.number().int().describe('How many hosts it may reach; 0 uses no network'),
  hasExample: z.boolean().describe('Whether its own address answers examples with their stored outputs'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type AgentListItem = z.infer<typeof agentListItem>

export const agentView = agentListItem.extend({
  currentVersion: z.number().int().nullable().describe('The active version; `version` is the one that is shown'),
  input: jsonSchema.nullable().describe('JSON Schema of the input'),
  output: jsonSchema.nullable().describe('JSON Schema of the output'),
  view: z.enum(OUTPUT_VIEWS).nullable().describe('How a page shows the output'),
  readme: z.string().nullable().describe("Markdown by the agent's creator: a stranger's text"),
  limits: agentLimits.nullable(),
  egress: z.array(z.string()).describe('Hosts it wants to reach'),
  secrets: z
    .array(z.object({ name: z.string(), description: z.string(), hosts: z.array(z.string()) }))
    .describe('Values it wants to send to these hosts, which it never sees itself'),
  manifestHash: z.string().nullable().describe('Names what one agrees to by running it: hosts, secrets and prices'),
  consent: z
    .object({
      isNeeded: z.boolean().describe('Ask before the next run'),
      widened: widening.nullable().describe('What is new since this account agreed last'),
    })
    .nullable()
    .describe('For visitors null'),
  isOwn: z.boolean().describe('It belongs to the account of whoever asks'),
  idempotent: z.boolean(),
  streams: z.boolean(),
  examples: z.array(exampleView),
  latency: z
    .object({ p50Ms: z.number(), p95Ms: z.number() })
    .nullable()
    .describe('Hourly percentiles, averaged over the last 30 days by runs'),
  isolation: z.enum(['strong', 'process', 'none']).describe('What holds agents on this site'),
  retention: z
    .object({
      days: z.number().int().describe('What the site keeps'),
      ms: z.number().describe('What is kept of runs of this agent, which may ask for less'),
    })
    .describe('How long input, output, logs and files of a run are kept at most'),
  trialsLeft: z
    .number()
    .int()
    .nullable()
    .describe('Runs that a visitor at this address has left today; null once signed in'),
})
export type AgentView = z.infer<typeof agentView>

export const quoteView = z.object({
  run: z.string().describe('What the run itself costs'),
  hold: z.string().describe('What is set aside when the run starts'),
  max: z.string().describe('The most that a run of this agent can cost'),
  available: z.string().describe('What the account has free'),
  isEnough: z.boolean().describe('A run would be admitted now'),
})
export type QuoteView = z.infer<typeof quoteView>

export const metricsView = z.object({
  timestamp: z.iso.datetime().describe('Start of the hour'),
  version: z.number().int(),
  runs: z.number().int(),
  succeeded: z.number().int(),
  failed: z.number().int(),
  timedOut: z.number().int(),
  canceled: z.number().int(),
  callers: z.number().int().describe('Different accounts'),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  charged: z.string().describe('Credits'),
  earned: z.string().describe("Credits: the creator's part"),
})
export type MetricsView = z.infer<typeof metricsView>

const facet = z.array(z.object({ value: z.string(), count: z.number().int() }))
export const facetsView = z.object({
  categories: facet,
  network: facet.describe('`none`: uses no network'),
  prices: facet.describe('Credits that a run typically costs at most'),
  languages: facet,
  total: z.number().int().describe('Agents that all choices together leave'),
})
export type FacetsView = z.infer<typeof facetsView>

export const creatorView = z.object({
  name: z.string(),
  slug: z.string(),
  agents: z.number().int().describe('How many everyone may see'),
  createdAt: z.iso.datetime(),
  items: z.array(agentListItem.partial()),
  nextCursor: z.string().nullable(),
})
