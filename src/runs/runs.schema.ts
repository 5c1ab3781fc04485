import { z } from 'zod'

export const runStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled'])
export type RunStatus = z.infer<typeof runStatus>

/** One line of a receipt: what was charged, how often, for how much in all. `run` is the run's own price; every other
 * `what` is an event that the manifest prices. Stored with the run, so that a receipt never depends on a later price. */
export const chargeLine = z.object({
  what: z.string(),
  count: z.number().int().min(1),
  micro: z.string().regex(/^\d+$/),
})
export type ChargeLine = z.infer<typeof chargeLine>

/** A run as its row stands; blobs are encoded (platform/blob.ts) and absent columns are null. */
export type RunRow = {
  readonly id: string
  readonly accountId: string
  readonly principal: string
  readonly agentId: string
  readonly version: number
  readonly creatorAccountId: string
  readonly status: RunStatus
  readonly code: string | null
  readonly failure: Buffer | null
  readonly input: Buffer | null
  readonly output: Buffer | null
  readonly logs: Buffer | null
  readonly holdGrantedMicro: bigint
  readonly holdBoughtMicro: bigint
  readonly chargeMicro: bigint
  readonly creatorMicro: bigint
  /** The receipt's lines as stored (jsonb); parse with {@link chargeLine}. */
  readonly events: unknown
  readonly startedCold: boolean | null
  readonly waitMs: number | null
  readonly runMs: number | null
  readonly createdAt: Date
  readonly deadlineAt: Date
  readonly finishedAt: Date | null
  /** Input, output, logs, failure, events and artifacts are gone since. */
  readonly contentDeletedAt: Date | null
  /** Set for runs that wait for whichever process has room. */
  readonly queuedAt: Date | null
  readonly cancelAskedAt: Date | null
  /** The principal who asked first. */
  readonly cancelAskedBy: string | null
}

/** What failed, as kept in the row's `failure` blob. Written by the agent, so hostile in every context. */
export const runFailure = z.object({
  message: z.string(),
  stack: z.string().optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type RunFailure = z.infer<typeof runFailure>

const credits = z.string().describe('Credits as a decimal string with at most 6 places')

export const receiptView = z.object({
  held: credits.describe('Set aside when the run was admitted'),
  charged: credits,
  returned: credits.describe('Set aside, but not charged'),
  lines: z.array(z.object({ what: z.string(), count: z.number().int(), credits })),
  paidBy: z
    .enum(['account', 'site'])
    .describe("'site' for a guest's run, which the site pays: free for whoever asked for it"),
})

/** A run as callers see it, without its blobs. */
export const runView = z.object({
  runId: z.uuid(),
  agentId: z.string(),
  version: z.number().int(),
  status: runStatus,
  code: z.string().nullable(),
  charge: credits,
  receipt: receiptView,
  startedCold: z.boolean().nullable(),
  waitMs: z.number().nullable(),
  runMs: z.number().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
export type RunView = z.infer<typeof runView>

export const waiting = z.object({
  reason: z
    .enum(['caller_limit', 'capacity'])
    .describe('Too many runs of this account execute already, or all places of the site are taken'),
  place: z.number().int().min(1).describe('This run counts'),
  estimateMs: z.number().nullable().describe('Until it starts, from how long runs took of late'),
})
export type Waiting = z.infer<typeof waiting>

export const logEntryView = z.object({
  atMs: z.number().describe('Milliseconds since the run started'),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
})

export const retentionView = z.object({
  until: z.iso.datetime().nullable().describe('When input, output, logs and events go; null while the run is going'),
  deletedAt: z.iso.datetime().nullable().describe('When they went'),
})
export const artifactView = z.object({
  name: z.string(),
  type: z.string(),
  sizeBytes: z.number(),
  url: z.string(),
  isPaid: z.boolean().describe('An artifact is given out once its run is paid'),
  expiresAt: z.iso.datetime().nullable().describe('When it is removed'),
})
export type ArtifactView = z.infer<typeof artifactView>

const hostRecordView = z.object({
  host: z.string().describe('With its port where that is not the usual one'),
  requests: z.number().int().describe('Redirects among them'),
  refused: z.number().int().describe('Of them refused by the policy'),
  sentBytes: z.number().int(),
  receivedBytes: z.number().int(),
})

export const canceledByView = z.object({
  kind: z.enum(['person', 'key', 'guest']),
  isYou: z.boolean().describe('Whether it was who asks now'),
  name: z
    .string()
    .nullable()
    .describe('Of the person or the key, for who may list those; null also for one that is gone'),
})
export type CanceledBy = z.infer<typeof canceledByView>

export const runDetailView = runView.extend({
  egress: z.array(hostRecordView).describe('What the run did over the network'),
  retention: retentionView,
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  failure: runFailure.optional(),
  waiting: waiting.nullable(),
  progress: z.object({ fraction: z.number(), message: z.string() }).nullable(),
  cancelable: z.boolean(),
  canceledBy: canceledByView.nullable().describe('Who stopped it'),
  artifacts: z.array(artifactView),
})
