import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  storeManifest,
  type AgentExample,
  type AgentLimits,
  type JsonSchema,
  type SecretDeclaration,
} from '../../src/agents/agents.schema.ts'
import { createDiskStore } from '../../src/files/disk-store.ts'
import { agentFileKey, type ObjectStore } from '../../src/files/index.ts'
import { encodeBlob } from '../../src/platform/blob.ts'
import type { Database } from '../../src/platform/database.ts'
import { newCuid } from '../../src/platform/ids.ts'

export type TestAgent = {
  readonly name: string
  /** Plain ESM whose default export is `async (input, ctx) => output`. */
  readonly source: string
  readonly runMicro?: bigint
  readonly events?: Readonly<Record<string, bigint>>
  readonly maxMicro?: bigint
  readonly timeoutMs?: number
  readonly memoryMb?: number
  /** Bounds besides these. */
  readonly limits?: Partial<AgentLimits>
  readonly input?: JsonSchema
  readonly output?: JsonSchema
  readonly egress?: readonly string[]
  readonly secrets?: readonly SecretDeclaration[]
  readonly retainMs?: number
  readonly examples?: readonly AgentExample[]
}

export type PublishDeps = { readonly db: Database; readonly dataDir: string; readonly store?: ObjectStore }

/** Puts an agent straight into the catalogue and the store (by default the disk store of `dataDir`), public and trusted, where the deployment
 * would have put it: for tests of the run, which must neither wait for nor fail with a bundler and a queue.
 * @returns the agent's id */
export async function publishAgent(
  deps: PublishDeps,
  creator: { readonly accountId: string; readonly userId: string },
  agent: TestAgent,
): Promise<string> {
  const agentId = newCuid()
  await deps.db.pool.query(
    `insert into "Agent" (id, name, description, "fileUrl", status, "createdBy", "accountId", slug, visibility)
     values ($1, $2, '', '', 'active', $3, $4, $5, 'public')`,
    [agentId, agent.name, creator.userId, creator.accountId, agentId],
  )
  await publishVersion(deps, creator, { agentId, version: 1 }, agent)
  return agentId
}

/** One more version of an agent, which is the current one from now on. */
export async function publishVersion(
  deps: PublishDeps,
  creator: { readonly accountId: string; readonly userId: string },
  { agentId, version }: { readonly agentId: string; readonly version: number },
  agent: TestAgent,
): Promise<void> {
  const bytes = Buffer.from(agent.source)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const fileUrl = agentFileKey(creator.userId, agentId, version, 'agent.js')
  const store = deps.store ?? (await diskStoreOf(deps.dataDir))
  await store.put(fileUrl, bytes, { contentType: 'text/javascript', sha256 })
  const runMicro = agent.runMicro ?? 0n
  const maxMicro = agent.maxMicro ?? runMicro
  const manifest = storeManifest({
    name: agent.name,
    description: '',
    input: agent.input ?? null,
    output: agent.output ?? null,
    price: { runMicro, events: agent.events ?? {}, maxMicro },
    limits: {
      timeoutMs: agent.timeoutMs ?? 10_000,
      memoryMb: agent.memoryMb ?? 128,
      cpuMs: agent.timeoutMs ?? 10_000,
      ...agent.limits,
    },
    egress: [...(agent.egress ?? [])],
    secrets: [...(agent.secrets ?? [])],
    idempotent: false,
    streams: false,
    retainMs: agent.retainMs ?? null,
  })
  await deps.db.transaction(async ({ client }) => {
    await client.query(
      `insert into "AgentVersion" ("agentId", version, "fileUrl", sha256, "sizeBytes", manifest, examples, trusted, "createdBy")
       values ($1, $2, $3, $4, $5, $6, $7, true, $8)`,
      [
        agentId,
        version,
        fileUrl,
        sha256,
        bytes.byteLength,
        JSON.stringify(manifest),
        encodeBlob(Buffer.from(JSON.stringify(agent.examples ?? []))),
        creator.userId,
      ],
    )
    await client.query(`update "Agent" set "activeVersion" = $2, "fileUrl" = $3, "maxMicro" = $4 where id = $1`, [
      agentId,
      version,
      fileUrl,
      maxMicro,
    ])
  })
}

async function diskStoreOf(dataDir: string): Promise<ObjectStore> {
  const store = createDiskStore({ dir: join(dataDir, 'objects') })
  await store.start(AbortSignal.timeout(5_000))
  return store
}
