import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import {
  compileSchema,
  nextAgentStatus,
  storeManifest,
  type AgentCache,
  type AgentExample,
  type AgentLanguage,
} from '../agents/index.ts'
import { agentStatuses } from '../agents/index.ts'
import { agentFileKey, type ObjectStore } from '../files/index.ts'
import type { JobContext } from '../jobs/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import type { Database } from '../platform/database.ts'
import { EnhancedAppError } from '../platform/errors.ts'
import { newUuidV7 } from '../platform/ids.ts'
import type { AgentCode, ArtifactContent, Sandbox } from '../sandbox/index.ts'
import { buildAgent, type BuiltAgent } from './build-agent.ts'
import { DeploymentGoneError, tellDeployment, trackDeployment, type DeploymentProgress } from './deployment-progress.ts'
import { nextDeploymentStatus } from './deployment-status.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import type { DeploymentPayload } from './deployments.jobs.ts'
import {
  ACTIVATE_VERSION,
  END_DEPLOYMENT,
  FIND_DEPLOYMENT,
  INSERT_VERSION,
  LOCK_AGENT,
  SUPERSEDE_OLDER,
  type DeploymentRow,
} from './deployments.queries.ts'
import { readManifest, withFiles, type ExampleInput, type OperatorLimits, type ReadManifest } from './read-manifest.ts'
import { languageOf, readmeOf, unpackSource, type SourceFiles } from './source-files.ts'

export type CarryOutDeps = {
  readonly db: Database
  readonly store: ObjectStore
  readonly sandbox: Pick<Sandbox, 'describeAgentCode' | 'executeAgentCode' | 'acquireSlot'>
  readonly agents: { readonly cache: Pick<AgentCache, 'forget'> }
  readonly limits: OperatorLimits
  /** Where npm packages of agents come from; null where none are taken in. */
  readonly registry?: URL | null
  /** Where Python packages of agents come from; null where none are taken in. */
  readonly pythonIndex?: URL | null
}

const STEPS = ['bundle', 'store code', 'read manifest', 'run examples', 'activate'] as const
/** How a version's code is stored. */
const STORED = {
  javascript: { extension: 'mjs', contentType: 'text/javascript' },
  python: { extension: 'json', contentType: 'application/json' },
} as const
const MAX_EXAMPLE_OUTPUT_BYTES = 1_000_000
/** Files of an example that are kept to be shown; more and larger ones are counted and let go. */
const MAX_EXAMPLE_FILES = 5
const MAX_EXAMPLE_FILE_BYTES = 1_000_000

/** Carries a deployment out: bundle, store, read the manifest inside a sandbox, run the examples, activate. Every step
 * may be done twice with the same outcome, so a job that is delivered again after a crash begins anew. What is the
 * agent's fault ends the deployment with a code for its creator; what is ours is thrown, and the job is tried again. */
export async function carryOutDeployment(
  deps: CarryOutDeps,
  order: DeploymentPayload,
  context: JobContext,
): Promise<void> {
  const [row] = await deps.db.query(FIND_DEPLOYMENT, [order.deploymentId])
  // Deleted with its agent, or ended by an earlier delivery of this job.
  if (row === undefined || nextDeploymentStatus(row.status, 'build_started') === null) return
  const progress = trackDeployment(deps, row, STEPS.length, context.progress)
  try {
    await carryOut(deps, { row, order, progress, signal: context.signal })
  } catch (error) {
    if (error instanceof DeploymentGoneError) return
    const isOfAgent = error instanceof EnhancedAppError && error.retry === 'never'
    if (!isOfAgent && !context.isLastAttempt) throw error
    // A reason that has a code and advice is told as it is.
    const told =
      error instanceof EnhancedAppError ? error : deploymentsErrors.DEPLOYMENT_INTERRUPTED({}, { cause: error })
    await deps.db.execute(END_DEPLOYMENT, [
      row.id,
      progress.status,
      'failed',
      JSON.stringify(progress.steps),
      JSON.stringify({ details: told.details }),
      told.code,
      told.fix,
    ])
    await tellDeployment(deps.db, row, { status: 'failed', code: told.code })
    context.log.info({ deploymentId: row.id, code: told.code }, 'deployment failed')
    if (!isOfAgent) throw error
  }
}

type Work = {
  readonly row: DeploymentRow
  readonly order: DeploymentPayload
  readonly progress: DeploymentProgress
  readonly signal: AbortSignal
}

type Built = {
  readonly bundle: BuiltAgent
  readonly fileUrl: string
  readonly read: ReadManifest
  readonly examples: readonly AgentExample[]
  readonly readme: string | null
  readonly language: AgentLanguage
}

async function carryOut(deps: CarryOutDeps, work: Work): Promise<void> {
  const { row, order, progress, signal } = work
  await progress.advance('build_started')
  const { source, readme, bundle } = await progress.step('bundle', async () => {
    const files = unpackSource(await deps.store.get(row.sourceUrl))
    return {
      source: files,
      readme: readmeOf(files),
      bundle: await buildAgent(files, signal, {
        registry: deps.registry ?? null,
        pythonIndex: deps.pythonIndex ?? null,
      }),
    }
  })
  // The hash stands in the key: after an upgrade of the bundler a second attempt may give other bytes.
  const { extension, contentType } = STORED[bundle.runtime]
  const fileName = `agent-${bundle.sha256.slice(0, 16)}.${extension}`
  const fileUrl = agentFileKey(row.agentCreatedBy, row.agentId, row.version, fileName)
  await progress.step('store code', () =>
    deps.store.put(fileUrl, Buffer.from(bundle.code), { contentType, sha256: bundle.sha256 }),
  )
  const agentCode = { sha256: bundle.sha256, source: bundle.code, runtime: bundle.runtime }
  const read = await progress.step('read manifest', async () =>
    readManifest(await describe(deps, agentCode), order.name, deps.limits, bundle.runtime),
  )
  await progress.advance('build_finished')
  signal.throwIfAborted()
  const examples = await progress.step('run examples', () => runExamples(deps, work, agentCode, read, source))
  signal.throwIfAborted()
  await progress.step('activate', () =>
    activate(deps, work, { bundle, fileUrl, read, examples, readme, language: languageOf(source) }),
  )
}

async function describe(deps: CarryOutDeps, agentCode: AgentCode): Promise<unknown> {
  const description = await deps.sandbox.describeAgentCode(agentCode)
  if (description.ok) return description.manifest
  const { code, message } = description
  if (code === 'SANDBOX_FAILED') throw new Error(`the sandbox failed: ${message}`)
  throw deploymentsErrors.AGENT_NOT_DESCRIBED({ reason: code, problem: message.slice(0, 1_000) })
}

async function runExamples(
  deps: CarryOutDeps,
  work: Work,
  agentCode: AgentCode,
  read: ReadManifest,
  source: SourceFiles,
): Promise<AgentExample[]> {
  const examples: AgentExample[] = []
  for (const example of read.examples) {
    work.signal.throwIfAborted()
    examples.push(await runExample(deps, work, agentCode, read, withFiles(example, read.manifest, source)))
  }
  return examples
}

async function runExample(
  deps: CarryOutDeps,
  { row, signal }: Work,
  agentCode: AgentCode,
  { manifest }: ReadManifest,
  example: ExampleInput,
): Promise<AgentExample> {
  const fail = (reason: string, problem: string) =>
    deploymentsErrors.EXAMPLE_FAILED({ example: example.name, reason, problem: problem.slice(0, 1_000) })
  // As a caller's input would be: an example that cannot be posted is no example.
  const problems = compileSchema(manifest.input, 'input')(example.input, new Set())
  if (problems !== null)
    throw fail('INPUT_INVALID', problems.map(({ path, message }) => `${path} ${message}`).join('; '))
  const { price, limits } = manifest
  const shelf = createShelf(signal)
  const slot = await deps.sandbox.acquireSlot(row.accountId, { signal })
  try {
    const ended = await deps.sandbox.executeAgentCode(
      agentCode,
      { json: JSON.stringify(example.input ?? null), files: new Map() },
      {
        runId: newUuidV7(),
        isolationKey: null,
        // An example has nobody's secrets: it shows what the agent does without.
        egress: { hosts: manifest.egress, secrets: new Map() },
        limits: { ...limits, maxOutputBytes: MAX_EXAMPLE_OUTPUT_BYTES, maxLogBytes: 16_384 },
        charges: { events: price.events, capMicro: price.maxMicro - price.runMicro },
        storeArtifact: shelf.take,
        signal,
      },
    )
    signal.throwIfAborted()
    if (ended.kind === 'timed_out') throw fail('RUN_TIMED_OUT', `No answer within ${limits.timeoutMs} ms.`)
    if (ended.kind === 'canceled') throw new Error('the example was stopped')
    if (ended.kind === 'failed') {
      if (ended.code === 'SANDBOX_FAILED') throw new Error(`the sandbox failed: ${ended.message}`)
      throw fail(ended.code, ended.message)
    }
    const output: unknown = JSON.parse(ended.outputJson.toString('utf8'))
    const faults = manifest.output === null ? null : compileSchema(manifest.output, 'output')(output)
    if (faults !== null)
      throw fail('AGENT_OUTPUT_INVALID', faults.map(({ path, message }) => `${path} ${message}`).join('; '))
    return { name: example.name, input: example.input, output, files: await keepFiles(deps, row, shelf.files) }
  } finally {
    slot.release()
  }
}

type ExampleFile = { readonly name: string; readonly type: string; readonly bytes: Buffer }

/** What an example's run makes, as far as it is kept. */
function createShelf(signal: AbortSignal) {
  const files: ExampleFile[] = []
  return {
    files,
    take: async ({ name, type, content }: ArtifactContent): Promise<void> => {
      let pieces: Uint8Array[] | null = []
      let sizeBytes = 0
      for await (const piece of content) {
        signal.throwIfAborted()
        sizeBytes += piece.byteLength
        if (sizeBytes > MAX_EXAMPLE_FILE_BYTES) pieces = null
        pieces?.push(piece)
      }
      if (pieces !== null && files.length < MAX_EXAMPLE_FILES) files.push({ name, type, bytes: Buffer.concat(pieces) })
    },
  }
}

/** Under their hashes: a second attempt of this deployment may make other files. */
async function keepFiles(
  deps: CarryOutDeps,
  row: DeploymentRow,
  files: readonly ExampleFile[],
): Promise<AgentExample['files']> {
  const kept: AgentExample['files'] = []
  for (const { name, type, bytes } of files) {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const key = agentFileKey(row.agentCreatedBy, row.agentId, row.version, `example-${sha256.slice(0, 32)}`)
    await deps.store.put(key, bytes, { contentType: 'application/octet-stream', sha256 })
    kept.push({ name, type, sizeBytes: bytes.byteLength, key })
  }
  return kept
}

/** Version, deployment and agent change together. An older version that comes in late keeps its row and is superseded
 * at once: the newest upload wins, not the slowest. */
async function activate(deps: CarryOutDeps, { row, order, progress }: Work, built: Built): Promise<void> {
  const { bundle, fileUrl, read, examples } = built
  const { manifest } = read
  const health = {
    checkedAt: new Date().toISOString(),
    warnings: read.warnings,
    bundle: { sizeBytes: bundle.sizeBytes, sha256: bundle.sha256 },
    source: basename(row.sourceUrl),
    examples: examples.length,
    ...(bundle.wheels.length > 0 ? { packages: bundle.wheels } : {}),
  }
  await deps.db.transaction(async (tx) => {
    const [agent] = await tx.query(LOCK_AGENT, [row.agentId])
    const status = agentStatuses.find((known) => known === agent?.status)
    if (agent === undefined || status === undefined) throw new DeploymentGoneError('the agent is gone')
    await tx.execute(INSERT_VERSION, [
      row.agentId,
      row.version,
      fileUrl,
      bundle.sha256,
      bundle.sizeBytes,
      JSON.stringify(storeManifest(manifest)),
      encodeBlob(Buffer.from(JSON.stringify(examples))),
      order.trusted,
      row.createdBy,
      built.readme,
    ])
    const isOvertaken = agent.activeVersion !== null && agent.activeVersion > row.version
    const next = nextDeploymentStatus(progress.status, isOvertaken ? 'newer_is_active' : 'tests_passed')
    const ended = await tx.execute(END_DEPLOYMENT, [
      row.id,
      progress.status,
      next,
      JSON.stringify(progress.stepsWhenDone()),
      JSON.stringify(health),
      null,
      null,
    ])
    if (ended === 0) throw new DeploymentGoneError('the deployment was ended by somebody else')
    await tellDeployment(tx, row, { status: next ?? progress.status })
    if (isOvertaken) return
    await tx.execute(SUPERSEDE_OLDER, [row.agentId, row.version])
    await tx.execute(ACTIVATE_VERSION, [
      row.agentId,
      row.version,
      fileUrl,
      manifest.name,
      manifest.description,
      nextAgentStatus(status, 'version_activated') ?? status,
      manifest.category ?? 'other',
      manifest.icon ?? null,
      built.language,
      manifest.egress.length,
      manifest.price.maxMicro,
    ])
  })
  deps.agents.cache.forget(row.agentId)
}
