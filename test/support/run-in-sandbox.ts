import { join } from 'node:path'
import type { RunnableAgent } from '../../src/agents/index.ts'
import { createCodeCache, downloadAgentFile } from '../../src/files/index.ts'
import { newUuidV7 } from '../../src/platform/ids.ts'
import type { House } from './deployment-house.ts'

/** Runs a deployed agent in the house's sandbox, without ledger and HTTP: what it answers, gives out and charges. */
export async function aRunIn(house: House, agent: RunnableAgent, input: unknown) {
  agent.validateInput(input)
  const codeCache = createCodeCache(
    { dir: join(house.dataDir, 'code'), maxMemoryBytes: 1e7, maxDiskBytes: 1e8 },
    { log: house.log },
  )
  await codeCache.start(AbortSignal.timeout(5_000))
  const source = await downloadAgentFile({ store: house.store, codeCache }, agent.code)
  const { price, limits } = agent.manifest
  const chunks: unknown[] = []
  const artifacts = new Map<string, Buffer>()
  const slot = await house.sandbox.acquireSlot(agent.accountId)
  try {
    const ended = await house.sandbox.executeAgentCode(
      { sha256: agent.code.sha256, source, runtime: agent.manifest.runtime ?? 'javascript' },
      { json: JSON.stringify(input), files: new Map() },
      {
        runId: newUuidV7(),
        isolationKey: null,
        limits: { ...limits, maxOutputBytes: 1_000_000, maxLogBytes: 100_000 },
        charges: { events: price.events, capMicro: price.maxMicro - price.runMicro },
        onChunk: (json) => void chunks.push(JSON.parse(json.toString('utf8'))),
        async storeArtifact({ name, content }) {
          const pieces: Uint8Array[] = []
          for await (const piece of content) pieces.push(piece)
          artifacts.set(name, Buffer.concat(pieces))
        },
      },
    )
    const output: unknown = ended.kind === 'succeeded' ? JSON.parse(ended.outputJson.toString('utf8')) : null
    return { ...ended, output, chunks, artifacts }
  } finally {
    slot.release()
  }
}
