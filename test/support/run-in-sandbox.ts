import { join } from 'node:path'
import type { RunnableAgent } from '../../src/agents/index.ts'
import { createCodeCache, downloadAgentFile } from '../../src/files/index.ts'
import { newUuidV7 } from '../../src/platform/ids.ts'
import type { House } from './deployment-house.ts'

/** Runs a deployed agent in the house's sandbox, without ledger and HTTP: what it answers, and what it charged. */
export async function aRunIn(house: House, agent: RunnableAgent, input: unknown) {
  agent.validateInput(input)
  const codeCache = createCodeCache(
    { dir: join(house.dataDir, 'code'), maxMemoryBytes: 1e7, maxDiskBytes: 1e8 },
    { log: house.log },
  )
  await codeCache.start(AbortSignal.timeout(5_000))
  const source = await downloadAgentFile({ store: house.store, codeCache }, agent.code)
  const { price, limits } = agent.manifest
  const slot = await house.sandbox.acquireSlot(agent.accountId)
  try {
    const ended = await house.sandbox.executeAgentCode(
      { sha256: agent.code.sha256, source },
      { json: JSON.stringify(input), files: new Map() },
      {
        runId: newUuidV7(),
        isolationKey: null,
        limits: { ...limits, maxOutputBytes: 1_000_000, maxLogBytes: 100_000 },
        charges: { events: price.events, capMicro: price.maxMicro - price.runMicro },
      },
    )
    const output: unknown = ended.kind === 'succeeded' ? JSON.parse(ended.outputJson.toString('utf8')) : null
    return { ...ended, output }
  } finally {
    slot.release()
  }
}
