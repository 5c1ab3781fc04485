import type { z } from 'zod'
import type { Logger } from '../platform/logger.ts'
import type { Transaction } from '../platform/database.ts'

/** Waits between attempts: doubled each time from `firstMs` up to `maxMs`, with half of each drawn at random so that
 * jobs that failed together do not return together. Rounded up to whole seconds by the queue. */
export type Backoff = { readonly firstMs: number; readonly maxMs: number }

export const exponential = (backoff: Backoff): Backoff => backoff

export type JobSpec<P> = {
  readonly payload: z.ZodType<P>
  /** Tries in all, the first included. */
  readonly attempts: number
  readonly backoff: Backoff
  /** Deadline of one attempt. */
  readonly timeoutMs: number
  /** How many of this job one process works on at once; 1 by default. */
  readonly concurrency?: number
  /** Cron expression in UTC. A scheduled job's payload is `{}`, and only one of it is worked on at a time. */
  readonly schedule?: string
}

export type JobContext = {
  readonly jobId: string
  /** 1 for the first. */
  readonly attempt: number
  /** No further attempt follows: what can only be told once is told now. */
  readonly isLastAttempt: boolean
  /** Aborted at the deadline, when the process stops, and when the job is no longer ours. */
  readonly signal: AbortSignal
  progress(fraction: number, message: string): void
  readonly log: Logger
  /** For jobs that enqueue jobs. */
  readonly jobs: JobSender
}

/** The work itself. Idempotent: a job is delivered again whenever a process dies between the work and its receipt. */
export type JobHandler<D, P> = (deps: D, payload: P, context: JobContext) => Promise<void>

/** A job as the queue sees it, with its payload's type closed over. */
export type DeclaredJob<D> = {
  readonly name: string
  readonly spec: Omit<JobSpec<unknown>, 'payload'>
  /** @throws z.ZodError */
  readonly parse: (data: unknown) => unknown
  /** Loads the handler; its caller gives it the deps and what came from the queue. */
  readonly load: () => Promise<(deps: D, data: unknown, context: JobContext) => Promise<void>>
}

export type SendFacts = {
  /** The transaction that the job belongs to: without its commit there is no job. */
  readonly tx?: Transaction
  readonly once?: string
  readonly delayMs?: number
}

/** What a use case needs in order to enqueue. */
export type JobSender = {
  /** @returns the job's id @throws JOB_TYPE_UNKNOWN if this queue was not told of the job */
  send(name: string, data: object, facts: SendFacts): Promise<string>
}

export type Job<D, P> = DeclaredJob<D> & {
  /** Enqueues the job, inside `deps.tx` where there is one, so that the job and what caused it commit together.
   * @param options.once the job with this name and key is enqueued once, however often this is called
   * @returns the job's id @throws z.ZodError if the payload is not what the job declares */
  enqueue(
    deps: { readonly jobs: JobSender; readonly tx?: Transaction },
    payload: P,
    options?: { readonly once?: string; readonly delayMs?: number },
  ): Promise<string>
}

/** Declares a job apart from its work, so that whoever enqueues it does not load what it needs.
 * @param name snake_case, for life: it stands in queues that outlive the code
 * @param load the module of the handler, exported there as `handle` */
export function defineJob<D, P extends object>(
  name: string,
  spec: JobSpec<P>,
  load: () => Promise<{ readonly handle: JobHandler<D, P> }>,
): Job<D, P> {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) throw new Error(`job name ${name} is not snake_case`)
  const { payload: schema, ...rest } = spec
  return {
    name,
    spec: rest,
    parse: (data) => schema.parse(data),
    async load() {
      const { handle } = await load()
      if (typeof handle !== 'function') throw new Error(`job ${name} has no handler: its module exports no "handle"`)
      return (deps, data, context) => handle(deps, schema.parse(data), context)
    },
    enqueue: ({ jobs, tx }, payload, options = {}) =>
      jobs.send(name, schema.parse(payload), { ...options, ...(tx ? { tx } : {}) }),
  }
}
