import { z } from 'zod'

/** Opens one connection a request: `requests[i]` is what connection i sends, over and over. */
const openOrder = z.object({
  kind: z.literal('open'),
  target: z.string(),
  host: z.string(),
  port: z.number().int(),
  requests: z.array(z.custom<Uint8Array>((value) => value instanceof Uint8Array)).min(1),
})

/** Runs the target's first `connections` connections in a closed loop, with `thinkMs` between an answer and the next
 * request (0: none). What is still unanswered `graceMs` after the round's end is given up and counted as status 0. */
const roundOrder = z.object({
  kind: z.literal('round'),
  target: z.string(),
  connections: z.number().int().min(1),
  durationMs: z.number().positive(),
  thinkMs: z.number().min(0),
  graceMs: z.number().positive(),
})

/** An open loop: request i of the target's requests, over and over, is sent at i / `ratePerSecond`, whether or not what
 * went before is answered. Latencies count from that moment, so that a server that falls behind cannot hide it. */
const arrivalsOrder = z.object({
  kind: z.literal('arrivals'),
  target: z.string(),
  count: z.number().int().min(1),
  ratePerSecond: z.number().positive(),
  graceMs: z.number().positive(),
})

const closeOrder = z.object({ kind: z.literal('close'), target: z.string() })

/** What the generator is told, over the IPC channel of `fork`. */
export const loadOrder = z.discriminatedUnion('kind', [openOrder, roundOrder, arrivalsOrder, closeOrder])
export type LoadOrder = z.infer<typeof loadOrder>
export type RoundOrder = z.infer<typeof roundOrder>
export type ArrivalsOrder = z.infer<typeof arrivalsOrder>

/** What a round was. Latencies are of the 200s, in milliseconds, ascending; `wallMs` runs from the first request to the
 * last answer counted. */
export const loadRound = z.object({
  answered: z.number().int(),
  failures: z.record(z.string(), z.number().int()),
  firstFailure: z.string().nullable(),
  latenciesMs: z.instanceof(Float64Array),
  wallMs: z.number(),
  generatorCpuMs: z.number(),
})
export type LoadRound = z.infer<typeof loadRound>

export const loadReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('round'), round: loadRound }),
  z.object({ kind: z.literal('error'), message: z.string() }),
])
export type LoadReply = z.infer<typeof loadReply>
