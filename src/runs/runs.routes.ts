import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { parseRetain } from '../agents/index.ts'
import { parseCredits } from '../credits/index.ts'
import { asDownload, idText, pageOf, pageQuery, presentPage, readPage } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { findAgentNames } from './agent-names.ts'
import { cancelRun } from './cancel-run.ts'
import { getHome, homeView, runListItem } from './get-home.ts'
import { getRun, getRunLogs } from './get-run.ts'
import { partsOf } from './input-parts.ts'
import {
  failedRunsQuery,
  failedRunView,
  failuresView,
  listFailedRuns,
  listFailures,
  presentFailedRun,
} from './list-failures.ts'
import { listRuns, runCursor } from './list-runs.ts'
import { answerOf, presentRun, type RunFacts } from './present-run.ts'
import { deleteRunContent } from './retention/delete-run-content.ts'
import { readPreference } from './read-preference.ts'
import { receiveJson, receiveMultipart, type ReceiveInputDeps } from './receive-input.ts'
import { sendArtifact } from './send-artifact.ts'
import type { StreamLimits } from './events/stream-limits.ts'
import { holdStream, readLastEventId, streamRun, wantsEvents } from './stream-run.ts'
import { getArtifact, zipArtifacts } from './artifacts/get-artifacts.ts'
import { runAgain } from './run-again.ts'
import { runAgent, type ReceivedInput, type RunAgentDeps, type RunAnswer, type RunOrder } from './run-agent.ts'
import { runsErrors } from './runs.errors.ts'
import { logEntryView, runDetailView, runStatus, runView, waiting } from './runs.schema.ts'
import { tusRoutes } from './uploads/resumable/tus.routes.ts'
import { uploadsRoutes } from './uploads/uploads.routes.ts'

export type RunRoutesDeps = {
  readonly db: Database
  readonly runAgent: RunAgentDeps
  readonly receive: ReceiveInputDeps
  readonly retention: { readonly contentDays: number }
  readonly streams: StreamLimits
}

const agentParams = z.object({ id: idText })
const runParams = z.object({ id: z.uuid() })
const runQuery = z.object({
  version: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe('Pins a version of the agent'),
})
const listQuery = pageQuery.extend({
  agent: idText.optional().describe('Only runs of this agent'),
  status: runStatus.optional().describe('Only runs in this state'),
  from: z.iso.datetime({ offset: true }).optional().describe('Only runs begun then or later'),
  to: z.iso.datetime({ offset: true }).optional().describe('Only runs begun before'),
})
/** What the OpenAPI document shows; the answer itself is sent as bytes, with the agent's output spliced in. */
const runAnswer = runView.extend({ output: z.unknown() })
const goingAnswer = z.object({
  runId: z.uuid(),
  status: z.enum(['queued', 'running']),
  waiting: waiting.nullable(),
})
const againBody = z
  .object({
    version: z
      .enum(['same', 'current'])
      .default('current')
      .describe('The version that the run had, or the one that is active now'),
  })
  .prefault({})

/** What a run takes; shown only: the agent's own schema decides. */
const runBody = {
  'application/json': z.unknown().describe('The input, as the agent describes it'),
  'multipart/form-data': z
    .looseObject({ input: z.string().optional().describe('The input as JSON; files are parts of their own') })
    .describe('For files'),
}

/** `POST /api/agents/:id/run` and what reads runs back. Paths in full. */
export function runsRoutes(deps: RunRoutesDeps) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>()
    await app.register(multipart, {
      limits: { fileSize: deps.receive.uploads.limits.maxBytes, fields: 50, fieldSize: 1_048_576, parts: 100 },
    })
    await app.register(uploadsRoutes(deps.receive.uploads))
    await app.register(tusRoutes(deps.receive.uploads))

    app.post(
      '/api/agents/:id/run',
      {
        schema: {
          tags: ['agents'],
          summary: 'Run an agent',
          description:
            'The body is the input itself, as JSON, or as multipart with the part `input` (JSON) and one part a file. ' +
            'Headers: `Idempotency-Key`, `Bureau-Max-Charge` (credits), `Bureau-Isolation: run`, `Bureau-Retain` (such as 12h), ' +
            '`Bureau-Consent` (the `manifestHash` of an agent that asks for more than it did). ' +
            '`Prefer: respond-async` queues the run and answers 202 at once, `Prefer: wait=N` after N seconds at most.',
          params: agentParams,
          querystring: runQuery,
          response: { 202: goingAnswer },
        },
        config: {
          permission: 'runs.create',
          isForVisitors: true,
          openApiAnswer: runAnswer,
          openApiBody: runBody,
          body: 'long',
        },
      },
      async (req, reply) => {
        // Before anything is held: a run whose stream is refused would go on unseen.
        if (wantsEvents(req)) holdStream(deps.streams, req, reply)
        const order = {
          ...readHeaders(req, reply),
          agentId: req.params.id,
          pinnedVersion: req.query.version ?? null,
          receive: () => receive(deps, req),
        }
        return answerRun(deps, req, reply, await runAgent(deps.runAgent, req.principal, order))
      },
    )

    app.post(
      '/api/runs/:id/again',
      {
        schema: {
          tags: ['runs'],
          summary: 'Run the same input again',
          description: 'Answers as running the agent does, and takes the same headers.',
          params: runParams,
          body: againBody,
          response: { 202: goingAnswer },
        },
        config: { permission: 'runs.create', isForVisitors: true, openApiAnswer: runAnswer },
      },
      async (req, reply) => {
        const again = {
          db: deps.db,
          runAgent: deps.runAgent,
          restore: { db: deps.db, store: deps.receive.uploads.store },
        }
        const { version } = req.body
        if (wantsEvents(req)) holdStream(deps.streams, req, reply)
        const order = readHeaders(req, reply)
        return answerRun(deps, req, reply, await runAgain(again, req.principal, req.params.id, version, order))
      },
    )

    app.post(
      '/api/runs/:id/cancel',
      {
        schema: {
          tags: ['runs'],
          summary: 'Stop a run',
          description:
            'Nothing is charged for a run that had delivered nothing; otherwise its price and what it had charged so far.',
          params: runParams,
          response: { 200: runView },
        },
        config: { permission: 'runs.create', isForVisitors: true },
      },
      async (req) =>
        presentRun(
          await cancelRun(
            { db: deps.db, ledger: deps.runAgent.ledger, cancels: deps.runAgent.cancels, watch: deps.runAgent.watch },
            req.principal,
            req.params.id,
          ),
        ),
    )

    app.get(
      '/api/runs',
      {
        schema: {
          tags: ['runs'],
          summary: 'List runs, newest first',
          querystring: listQuery,
          response: { 200: pageOf(runListItem) },
        },
        config: { permission: 'runs.read' },
      },
      async (req) => {
        const page = readPage(req.query, runCursor, runListItem)
        const runs = await listRuns(deps, req.principal, page, {
          agentId: req.query.agent ?? null,
          status: req.query.status ?? null,
          from: req.query.from ?? null,
          to: req.query.to ?? null,
        })
        const names = await findAgentNames(deps.db, runs)
        const present = (run: RunFacts) => ({ ...presentRun(run), agent: names.get(run.agentId) ?? null })
        return presentPage(page, runs, present, (run) => ({ id: run.id }))
      },
    )

    app.get(
      '/api/agents/:id/failures',
      {
        schema: {
          tags: ['agents'],
          summary: 'Get how runs of an agent failed lately',
          description: "For the creator's account: codes and counts by version, the latest first.",
          params: agentParams,
          response: { 200: failuresView },
        },
        config: { permission: 'agents.read' },
      },
      async (req) => listFailures(deps, req.principal, req.params.id),
    )

    app.get(
      '/api/agents/:id/failures/runs',
      {
        schema: {
          tags: ['agents'],
          summary: 'List runs of an agent that failed lately',
          description:
            "For the creator's account: when, how and in which version, the latest first. Input, log, message and caller stay the caller's.",
          params: agentParams,
          querystring: failedRunsQuery,
          response: { 200: pageOf(failedRunView) },
        },
        config: { permission: 'agents.read' },
      },
      async (req) => {
        const page = readPage(req.query, runCursor, failedRunView)
        const rows = await listFailedRuns(deps, req.principal, req.params.id, page, req.query)
        return presentPage(page, rows, presentFailedRun, ({ id }) => ({ id }))
      },
    )

    app.get(
      '/api/home',
      {
        schema: {
          tags: ['runs'],
          summary: 'Get what a person comes back to',
          description: 'The last runs, the balance with what was spent today, and agents to try.',
          response: { 200: homeView },
        },
        config: { permission: 'runs.read' },
      },
      (req) => getHome(deps, req.principal),
    )

    app.get(
      '/api/runs/:id',
      {
        schema: {
          tags: ['runs'],
          summary: 'One run with its input and output',
          params: runParams,
          response: { 200: runDetailView },
        },
        config: { permission: 'runs.read', isForVisitors: true },
      },
      async (req) => {
        const { db, retention } = deps
        const { failure, ...run } = await getRun(
          { db, retention, waiting: deps.runAgent.waiting },
          req.principal,
          req.params.id,
        )
        return failure === null ? run : { ...run, failure }
      },
    )

    app.delete(
      '/api/runs/:id/content',
      {
        schema: {
          tags: ['runs'],
          summary: 'Delete what a run took and gave',
          description: 'Input, output, logs, failure, events and files. What it cost and how it ended stays.',
          params: runParams,
          response: { 204: z.void() },
        },
        config: { permission: 'runs.create', isForVisitors: true },
      },
      async (req, reply) => {
        await deleteRunContent({ db: deps.db, store: deps.receive.uploads.store }, req.principal, req.params.id)
        return reply.code(204).send()
      },
    )

    app.get(
      '/api/runs/:id/events',
      {
        schema: {
          tags: ['runs'],
          summary: 'What happens in a run, as server-sent events',
          description:
            '`run.queued`, `run.waiting`, `run.started`, `run.progress`, `run.log`, `run.chunk`, `run.charged`, `run.artifact` ' +
            'and at last `run.settled`, in order, from the first or after `Last-Event-ID`. 204 where nothing is left to tell.',
          params: runParams,
          querystring: z.object({
            after: z.string().optional().describe('As the header Last-Event-ID, for who cannot send it'),
          }),
        },
        config: { permission: 'runs.read', isForVisitors: true },
      },
      async (req, reply) => {
        const after = readLastEventId(req, req.query.after)
        holdStream(deps.streams, req, reply)
        return streamRun({ db: deps.db, watch: deps.runAgent.watch }, req, reply, req.params.id, after)
      },
    )

    const artifacts = { db: deps.db, store: deps.runAgent.store }
    app.get(
      '/api/runs/:id/artifacts/:name',
      {
        schema: {
          tags: ['runs'],
          summary: 'A file that a run made',
          description: 'Once the run is paid. `Range` gives a part.',
          params: runParams.extend({ name: z.string().min(1).max(200) }),
        },
        config: { permission: 'runs.read', isForVisitors: true },
      },
      async (req, reply) => {
        const { id, name } = req.params
        const found = await getArtifact(artifacts, req.principal, id, name)
        return sendArtifact(reply, name, found, req.headers.range)
      },
    )

    app.get(
      '/api/runs/:id/artifacts.zip',
      {
        schema: { tags: ['runs'], summary: 'All files that a run made, as one archive', params: runParams },
        config: { permission: 'runs.read', isForVisitors: true },
      },
      async (req, reply) => {
        const archive = await zipArtifacts(artifacts, req.principal, req.params.id)
        asDownload(reply, `${req.params.id}.zip`)
        return reply.header('content-type', 'application/zip').send(Readable.from(archive))
      },
    )

    app.get(
      '/api/runs/:id/logs',
      {
        schema: {
          tags: ['runs'],
          summary: 'What the agent logged',
          params: runParams,
          response: { 200: z.object({ items: z.array(logEntryView) }) },
        },
        config: { permission: 'runs.read', isForVisitors: true },
      },
      async (req) => ({ items: z.array(logEntryView).parse(await getRunLogs(deps, req.principal, req.params.id)) }),
    )
  }
}

/** As events where the caller wants those: of a run that was queued, or is over. */
function answerRun(
  deps: RunRoutesDeps,
  req: FastifyRequest,
  reply: FastifyReply,
  answer: RunAnswer,
): FastifyReply | Promise<FastifyReply> {
  if (req.visitorCookie !== null) reply.header('set-cookie', req.visitorCookie)
  if (!wantsEvents(req)) return sendAnswer(reply, answer)
  const runId = answer.kind === 'going' ? answer.runId : answer.run.id
  return streamRun({ db: deps.db, watch: deps.runAgent.watch }, req, reply, runId, readLastEventId(req, undefined))
}

function sendAnswer(reply: FastifyReply, answer: Awaited<ReturnType<typeof runAgent>>): FastifyReply {
  if (answer.kind === 'going') {
    const { runId, status, waiting: why } = answer
    reply.header('location', `/api/runs/${runId}`).header('retry-after', '1')
    return reply.code(202).send({ runId, status, waiting: why })
  }
  const { status, contentType, body } = answerOf(answer.run)
  if (answer.isReplay) reply.header('idempotent-replayed', 'true')
  reply.header('content-type', contentType).header('content-location', `/api/runs/${answer.run.id}`)
  return reply.code(status).serializer(asBytes).send(body)
}

/** A Buffer passes Fastify untouched; the serializer only keeps the 202's schema away from it. */
const asBytes = (payload: unknown): string => String(payload)

/** A stream is of a run that others may watch and whose caller may vanish: it is queued like those. */
const QUEUED = { queueAndWaitMs: 0, applied: null } as const

/** What the headers of a run say, the same for a new run and one that is run again. */
function readHeaders(
  req: FastifyRequest,
  reply: FastifyReply,
): Omit<RunOrder, 'agentId' | 'pinnedVersion' | 'receive'> {
  const gone = new AbortController()
  // Closed before an answer was sent: nobody waits for this run, so it does not take anybody's place in the queue.
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) gone.abort(runsErrors.CALLER_GONE())
  })
  const { queueAndWaitMs, applied } = wantsEvents(req) ? QUEUED : readPreference(req.headers.prefer)
  if (applied !== null) reply.header('preference-applied', applied)
  return {
    maxChargeMicro: readMaxCharge(req.headers['bureau-max-charge']),
    idempotencyKey: readIdempotencyKey(req.headers['idempotency-key']),
    isolation: readIsolation(req.headers['bureau-isolation']),
    retainMs: readRetain(req.headers['bureau-retain']),
    consentHash: req.headers['bureau-consent']?.toString() ?? null,
    address: req.ip,
    queueAndWaitMs,
    gone: gone.signal,
  }
}

async function receive(deps: RunRoutesDeps, req: FastifyRequest): Promise<ReceivedInput> {
  if (req.principal.kind === 'visitor' && hasFiles(req)) throw runsErrors.TRIAL_WITHOUT_FILES()
  if (req.isMultipart()) return receiveMultipart(deps.receive, req.principal.accountId, partsOf(req))
  // A request without a body is a run without an input.
  const { accountId } = req.principal
  return req.rawBody === null
    ? receiveJson(deps.receive, accountId, Buffer.from('{}'), {})
    : receiveJson(deps.receive, accountId, req.rawBody, req.body)
}

/** Nobody fills the store, or has this site load what they name, without being known. A text that only speaks of such a
 * reference has its quotes escaped. */
const hasFiles = (req: FastifyRequest): boolean =>
  req.isMultipart() || (req.rawBody !== null && (req.rawBody.includes('"$upload"') || req.rawBody.includes('"$url"')))

function readMaxCharge(header: string | string[] | undefined): bigint | null {
  if (header === undefined) return null
  try {
    return parseCredits(String(header))
  } catch (error) {
    throw runsErrors.MAX_CHARGE_INVALID({}, { cause: error })
  }
}

function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  const key = String(header)
  if (!/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key)) throw runsErrors.IDEMPOTENCY_KEY_INVALID()
  return key
}

function readRetain(header: string | string[] | undefined): number | null {
  if (header === undefined) return null
  const ms = parseRetain(String(header))
  if (ms === null) throw runsErrors.RETAIN_INVALID()
  return ms
}

function readIsolation(header: string | string[] | undefined): 'principal' | 'run' {
  if (header === undefined) return 'principal'
  if (header !== 'run') throw runsErrors.ISOLATION_INVALID()
  return 'run'
}
