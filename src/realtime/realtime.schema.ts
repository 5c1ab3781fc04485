import { z } from 'zod'

/** What is told, by event type. Ours alone: nothing that an agent wrote ever goes in, so a row is small and safe. */
export const realtimeEvents = {
  /** A deployment went on: for the account that the agent belongs to. */
  'deployment:status': z.object({
    deploymentId: z.string(),
    agentId: z.string(),
    version: z.number().int(),
    status: z.string(),
    step: z.string().nullable(),
    code: z.string().nullable(),
  }),
  /** A run changed its state: for the account that pays it. */
  'run:updated': z.object({
    runId: z.string(),
    agentId: z.string(),
    status: z.string(),
    code: z.string().nullable(),
    charge: z.string(),
  }),
  /** Credits moved. No amounts: whoever shows them asks GET /api/credits, which counts in what is on its way. */
  'balance:changed': z.object({ because: z.enum(['run', 'grant', 'purchase', 'payout']) }),
  /** What a process does right now: for admins, in the room `site`. */
  'metrics:sampled': z.object({
    process: z.string(),
    running: z.number(),
    waiting: z.number(),
    runsEnded: z.number().describe('Since the sample before'),
    runsFailed: z.number(),
    p95Ms: z.number().nullable(),
    cpuSeconds: z.number(),
    memoryMb: z.number(),
  }),
  /** How many people are connected: for admins. */
  'activity:changed': z.object({ process: z.string(), sockets: z.number(), people: z.number() }),
  /** Something needs a person: for admins. `alert` names its runbook. */
  'alert:raised': z.object({ alert: z.string(), message: z.string() }),
} as const

export type RealtimeType = keyof typeof realtimeEvents
export type RealtimeData<T extends RealtimeType> = z.infer<(typeof realtimeEvents)[T]>

/** An event on its way to a room. */
export type Announcement = {
  readonly [T in RealtimeType]: { readonly room: string; readonly type: T; readonly data: RealtimeData<T> }
}[RealtimeType]

/** What a listener gets: `seq` grows by one an event and room. */
export type ToldEvent = { readonly room: string; readonly seq: number; readonly type: string; readonly data: unknown }

export const subscription = z.strictObject({
  room: z.string().max(80),
  lastSeq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
})

export const accountRoom = (accountId: string): string => `account:${accountId}`
export const SITE_ROOM = 'site'
