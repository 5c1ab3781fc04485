import type { Redis } from 'ioredis'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import { createCache } from '../platform/cache.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { storedManifest, versionRecord, type AgentManifest } from './agents.schema.ts'
import { FIND_STANDING, FIND_VERSION, type AgentStanding } from './agents.queries.ts'
import { hashTerms, termsOf, type ConsentTerms } from './consent/terms.ts'
import { compileSchema, type SchemaValidator } from './validators.ts'

/** A version ready to be run. */
export type PreparedVersion = {
  readonly agentId: string
  readonly version: number
  readonly manifest: AgentManifest
  readonly terms: ConsentTerms
  readonly manifestHash: string
  readonly code: { readonly fileUrl: string; readonly sha256: string; readonly sizeBytes: number }
  readonly trusted: boolean
  readonly checkInput: SchemaValidator
  /** Null where the agent declares no output. */
  readonly checkOutput: SchemaValidator | null
}

/** What the run path knows of agents without asking the database each time. */
export type AgentCache = Service & {
  /** How the agent stands, at most {@link MAX_STANDING_AGE_MS} ago. */
  findStanding(agentId: string): Promise<AgentStanding | null>
  findVersion(agentId: string, version: number): Promise<PreparedVersion | null>
  /** This process has just changed the agent. Others see it within {@link MAX_STANDING_AGE_MS}. */
  forget(agentId: string): void
}

/** From this age on a standing is asked for again behind the request that met it. */
const FRESH_MS = 400
/** Older ones are never used: a deactivated agent is refused everywhere within a second. */
export const MAX_STANDING_AGE_MS = 900
const TTL_SECONDS = 3_600

type KnownStanding = { readonly standing: AgentStanding | null; readonly askedAtMs: number }

export type AgentCacheDeps = {
  readonly db: Database
  readonly redis: Redis | null
  readonly clock: Clock
  readonly log: Logger
}

export function createAgentCache(deps: AgentCacheDeps): AgentCache {
  const { db, clock, log } = deps
  const standings = createBoundedCache<KnownStanding>(10_000)
  const asking = new Map<string, Promise<AgentStanding | null>>()
  const prepared = createBoundedCache<PreparedVersion>(1_000)
  const preparing = new Map<string, Promise<PreparedVersion | null>>()
  const records = createCache({ redis: deps.redis, log, ttlSeconds: TTL_SECONDS, maxItems: 2_000 })

  function askStanding(agentId: string): Promise<AgentStanding | null> {
    const going = asking.get(agentId)
    if (going !== undefined) return going
    // The age counts from before the question: the answer is at least as old as that.
    const askedAtMs = clock.monotonicMs()
    const asked = db
      .query(FIND_STANDING, [agentId])
      .then(([standing = null]) => {
        if (asking.get(agentId) === asked) standings.set(agentId, { standing, askedAtMs })
        return standing
      })
      .finally(() => {
        if (asking.get(agentId) === asked) asking.delete(agentId)
      })
    asking.set(agentId, asked)
    return asked
  }

  async function prepare(agentId: string, version: number): Promise<PreparedVersion | null> {
    // The specification's cache: `agent:${agentId}:${version}`, JSON, for an hour.
    const text = await records.getOrLoad(`agent:${agentId}:${version}`, async () => {
      const [row] = await db.query(FIND_VERSION, [agentId, version])
      return row === undefined ? null : JSON.stringify(row)
    })
    if (text === null) return null
    const { manifest, ...record } = versionRecord.parse(JSON.parse(text))
    const terms = termsOf(manifest)
    return {
      agentId,
      version,
      manifest,
      terms,
      manifestHash: hashTerms(agentId, terms),
      code: { fileUrl: record.fileUrl, sha256: record.sha256, sizeBytes: record.sizeBytes },
      trusted: record.trusted,
      checkInput: compileSchema(manifest.input, 'input'),
      checkOutput: manifest.output === null ? null : compileSchema(manifest.output, 'output'),
    }
  }

  return {
    name: 'agent cache',
    start: (signal) => records.start(signal),
    async stop() {
      await Promise.allSettled([...asking.values(), ...preparing.values()])
      await records.stop()
    },
    async findStanding(agentId) {
      const known = standings.get(agentId)
      const ageMs = known === undefined ? Infinity : clock.monotonicMs() - known.askedAtMs
      if (known === undefined || ageMs > MAX_STANDING_AGE_MS) return askStanding(agentId)
      if (ageMs > FRESH_MS)
        askStanding(agentId).catch((error: unknown) => log.warn({ err: error }, 'agent standing could not be renewed'))
      return known.standing
    },
    async findVersion(agentId, version) {
      const key = `${agentId}:${version}`
      const ready = prepared.get(key)
      if (ready !== undefined) return ready
      const going = preparing.get(key)
      if (going !== undefined) return going
      const started = prepare(agentId, version).finally(() => preparing.delete(key))
      preparing.set(key, started)
      const found = await started
      if (found !== null) prepared.set(key, found)
      return found
    },
    forget(agentId) {
      standings.delete(agentId)
      // An answer that is on its way may be older than the change.
      asking.delete(agentId)
    },
  }
}

/** A row's manifest as the agent's. */
export const manifestOf = (stored: unknown): AgentManifest => storedManifest.parse(stored)
