import { PgBoss, type JobResult, type JobWithMetadata } from 'pg-boss'
import { v5 as uuidV5 } from 'uuid'
import { handleEnhancedApiError, type EnhancedAppError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { watchDeadLetters } from './dead-letters.ts'
import type { DeclaredJob, JobContext, JobSender } from './define-job.ts'
import { jobsErrors } from './jobs.errors.ts'

/** Where jobs end whose attempts are used up. They stay until an operator sends them back. */
export const DEAD_LETTER = 'dead_letter'
const INTERNAL_PREFIX = '__pgboss__'
/** Derives job ids from (name, once), so that the primary key decides who was first. Never changes. */
const ONCE_NAMESPACE = '5b0c7d0a-3c0f-4f5e-9c58-0d5a7a1f7a11'
const DAY_SECONDS = 86_400

export type JobQueue = JobSender &
  Service & {
    /** Jobs that wait in the dead letter, at most 1000 counted. */
    countDeadLetters(): Promise<number>
    /** Sends dead letters back to where they came from. @returns how many */
    redriveDeadLetters(): Promise<number>
  }

export type JobQueueOptions<D> = {
  /** A direct URL: LISTEN does not pass transaction pooling. */
  readonly url: string
  readonly poolMax: number
  readonly log: Logger
  readonly jobs: readonly DeclaredJob<D>[]
  /** What the handlers get. */
  readonly deps: D
  /** `sends`: this process enqueues but works on nothing. */
  readonly role?: 'works' | 'sends'
  /** Told whenever a handler reports progress. */
  readonly onProgress?: (job: { name: string; jobId: string; fraction: number; message: string }) => void
  /** Seconds between looks at what LISTEN missed; five times that for scheduled jobs. Default: 1. */
  readonly pollSeconds?: number
}

/** The queue in PostgreSQL (pg-boss): jobs commit with the transaction that enqueues them, are tried again with
 * backoff, and end in the dead letter with an alert. A worker that was killed is replaced after its heartbeat ends,
 * about 11 s. */
export function createJobQueue<D>(options: JobQueueOptions<D>): JobQueue {
  const { log, jobs } = options
  const role = options.role ?? 'works'
  const declared = new Map(jobs.map((job) => [job.name, job]))
  if (declared.size !== jobs.length) throw new Error('two jobs are declared under one name')
  const boss = new PgBoss({
    connectionString: options.url,
    application_name: 'bureau jobs',
    max: options.poolMax,
    schema: 'pgboss',
    useListenNotify: true,
    // Both: a pass needs both timers, and with the second at its default of 60 s a killed worker's job waits that long.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 2,
    supervise: role === 'works',
    schedule: role === 'works',
    persistQueueStats: false,
    registerInstance: false,
  })
  boss.on('error', (error) => log.error({ err: error }, 'job queue fault'))
  boss.on('warning', (warning) => log.warn({ warning: warning.message }, 'job queue warning'))
  const abort = new AbortController()
  let deadLetterWatch: Promise<void> | undefined
  let state: 'new' | 'started' | 'drained' | 'stopped' = 'new'

  const queue: JobQueue = {
    name: 'job queue',
    async start() {
      const handlers = role === 'works' ? await loadHandlers(jobs) : new Map<string, Handler<D>>()
      await boss.start()
      state = 'started'
      await declareQueues(boss, jobs)
      if (role === 'sends') return
      for (const job of jobs) {
        const handler = handlers.get(job.name)
        if (handler === undefined) throw new Error(`job ${job.name} has no handler`)
        await workOn(boss, job.name, secondsBetweenLooks(job, options), job.spec.concurrency ?? 1, (delivered) =>
          work(job, handler, delivered),
        )
      }
      await schedule(boss, jobs)
      await refuseUnknown(boss, declared, log)
      deadLetterWatch = watchDeadLetters(boss, DEAD_LETTER, log, abort.signal)
    },
    async drain(byMs) {
      if (state !== 'started') return
      state = 'drained'
      // Handlers finish; what is not done by then is failed and tried again elsewhere. The pool stays open, because
      // services that stop after this one still enqueue.
      await boss.stop({ graceful: true, close: false, timeout: byMs })
    },
    async stop() {
      if (state === 'stopped') return
      state = 'stopped'
      abort.abort()
      await deadLetterWatch
      await boss.stop({ graceful: false, close: true })
    },
    async send(name, data, facts) {
      if (!declared.has(name)) throw jobsErrors.JOB_TYPE_UNKNOWN({ job: name })
      const { tx, once, delayMs } = facts
      const id = once === undefined ? undefined : uuidV5(`${name}:${once}`, ONCE_NAMESPACE)
      const sent = await boss.send(name, data, {
        ...(id === undefined ? {} : { id }),
        ...(delayMs === undefined ? {} : { startAfter: Math.ceil(delayMs / 1_000) }),
        ...(tx === undefined
          ? {}
          : { db: { executeSql: (text: string, values: unknown[] = []) => tx.client.query(text, values) } }),
      })
      const jobId = sent ?? id
      if (jobId === undefined) throw new Error(`job ${name} was not taken by the queue`)
      return jobId
    },
    async countDeadLetters() {
      return (await boss.findJobs(DEAD_LETTER, { queued: true, limit: 1_000 })).length
    },
    redriveDeadLetters: () => boss.redrive(DEAD_LETTER),
  }

  async function work(job: DeclaredJob<D>, handler: Handler<D>, delivered: JobWithMetadata): Promise<JobResult> {
    const from = performance.now()
    const facts = { job: job.name, jobId: delivered.id, attempt: delivered.retryCount + 1 }
    const waitMs = Date.now() - Math.max(delivered.createdOn.getTime(), delivered.startAfter.getTime())
    const context: JobContext = {
      jobId: delivered.id,
      attempt: facts.attempt,
      isLastAttempt: facts.attempt > delivered.retryLimit,
      signal: delivered.signal,
      log: log.child({ job: job.name, jobId: delivered.id }),
      jobs: queue,
      progress(fraction, message) {
        options.onProgress?.({ name: job.name, jobId: delivered.id, fraction, message })
      },
    }
    const outcome = await attempt(job, handler, options.deps, delivered.data, context)
    const workMs = Math.round(performance.now() - from)
    if (outcome.status === 'completed') log.info({ ...facts, waitMs, workMs }, 'job done')
    else log.warn({ ...facts, waitMs, workMs, code: outcome.error.code, err: outcome.error }, 'job attempt failed')
    return outcome.status === 'completed'
      ? { id: delivered.id, status: 'completed' }
      : { id: delivered.id, status: outcome.status, output: failureOf(outcome.error) }
  }

  return queue
}

type Handler<D> = (deps: D, data: unknown, context: JobContext) => Promise<void>
type Outcome = { status: 'completed' } | { status: 'failed' | 'deadletter'; error: EnhancedAppError }

/** What cannot get better by another try goes to the dead letter at once. */
async function attempt<D>(
  job: DeclaredJob<D>,
  handler: Handler<D>,
  deps: D,
  data: unknown,
  context: JobContext,
): Promise<Outcome> {
  try {
    job.parse(data)
  } catch (cause) {
    return { status: 'deadletter', error: jobsErrors.JOB_PAYLOAD_INVALID({ job: job.name }, { cause }) }
  }
  try {
    await handler(deps, data, context)
    return { status: 'completed' }
  } catch (error) {
    const coded = handleEnhancedApiError(error, { job: job.name })
    return { status: coded.retry === 'never' ? 'deadletter' : 'failed', error: coded }
  }
}

function failureOf(error: EnhancedAppError): object {
  const cause = error.cause instanceof Error ? error.cause : error
  return { code: error.code, message: cause.message, stack: cause.stack?.slice(0, 4_000) ?? '' }
}

/** A scheduled job is woken by NOTIFY like any other and comes back within the minute anyway; what it waits longer for is
 * a retry, and what a killed worker left. A look costs PostgreSQL 1.1 ms, which plans it each time: with every job looked
 * for every second, an idle server spent 31 ms of each second's processor time on it. */
const SCHEDULED_LOOKS_RARER = 5

const secondsBetweenLooks = <D>({ spec }: DeclaredJob<D>, options: { readonly pollSeconds?: number }): number =>
  (options.pollSeconds ?? 1) * (spec.schedule === undefined ? 1 : SCHEDULED_LOOKS_RARER)

/** @throws Error naming every declared job whose handler is missing or cannot be loaded */
async function loadHandlers<D>(jobs: readonly DeclaredJob<D>[]): Promise<Map<string, Handler<D>>> {
  const handlers = new Map<string, Handler<D>>()
  const problems: Error[] = []
  for (const job of jobs) {
    try {
      handlers.set(job.name, await job.load())
    } catch (error) {
      problems.push(error instanceof Error ? error : new Error(String(error)))
    }
  }
  if (problems.length > 0)
    throw new AggregateError(problems, `jobs without a handler: ${problems.map((each) => each.message).join('; ')}`)
  return handlers
}

async function declareQueues<D>(boss: PgBoss, jobs: readonly DeclaredJob<D>[]): Promise<void> {
  await boss.createQueue(DEAD_LETTER, { retentionSeconds: 90 * DAY_SECONDS })
  for (const { name, spec } of jobs) {
    const facts = {
      deadLetter: DEAD_LETTER,
      retryLimit: spec.attempts - 1,
      retryDelay: Math.max(1, Math.ceil(spec.backoff.firstMs / 1_000)),
      retryDelayMax: Math.max(1, Math.ceil(spec.backoff.maxMs / 1_000)),
      retryBackoff: true,
      expireInSeconds: Math.max(1, Math.ceil(spec.timeoutMs / 1_000)),
      heartbeatSeconds: 10,
      notify: true,
    }
    await boss.createQueue(name, { ...facts, policy: spec.schedule === undefined ? 'standard' : 'singleton' })
    // The queue may stand since an earlier version with other facts.
    await boss.updateQueue(name, facts)
  }
}

async function workOn(
  boss: PgBoss,
  name: string,
  pollSeconds: number,
  concurrency: number,
  work: (delivered: JobWithMetadata) => Promise<JobResult>,
): Promise<void> {
  await boss.work(
    name,
    {
      includeMetadata: true,
      perJobResults: true,
      batchSize: 1,
      localConcurrency: concurrency,
      pollingIntervalSeconds: pollSeconds,
      // NOTIFY wakes a worker for new jobs only: the default of 30 s would delay every retry.
      notifyPollingIntervalSeconds: pollSeconds,
    } as const,
    (batch: JobWithMetadata[]) => Promise.all(batch.map(work)),
  )
}

async function schedule<D>(boss: PgBoss, jobs: readonly DeclaredJob<D>[]): Promise<void> {
  const scheduled = new Set<string>()
  for (const job of jobs) {
    if (job.spec.schedule === undefined) continue
    job.parse({}) // what the schedule will send must be a payload of the job
    scheduled.add(job.name)
    await boss.schedule(job.name, job.spec.schedule, {}, { tz: 'UTC', missed: 'once' })
  }
  for (const old of await boss.getSchedules()) if (!scheduled.has(old.name)) await boss.unschedule(old.name, old.key)
}

/** Jobs of a type that this version does not know (it was taken out, or a newer version put it in and was rolled back)
 * go to the dead letter, where they raise an alert and can be sent back. */
async function refuseUnknown(boss: PgBoss, declared: { has(name: string): boolean }, log: Logger): Promise<void> {
  const known = (name: string): boolean =>
    declared.has(name) || name === DEAD_LETTER || name.startsWith(INTERNAL_PREFIX)
  for (const { name } of await boss.getQueues()) {
    if (known(name)) continue
    log.warn({ job: name }, 'queue of an unknown job type')
    await boss.updateQueue(name, { deadLetter: DEAD_LETTER })
    await workOn(boss, name, 10, 1, async (delivered) => ({
      id: delivered.id,
      status: 'deadletter',
      output: failureOf(jobsErrors.JOB_TYPE_UNKNOWN({ job: name })),
    }))
  }
}
