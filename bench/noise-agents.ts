import { aCaller } from '../test/support/callers.ts'
import { publishAgent } from '../test/support/publish-agent.ts'
import type { BenchSite } from './bureau-site.ts'

/** Never yields: nothing inside its process can stop it, so only the deadline does. */
const SPINNER = `export default async () => { while (true) {} }`
/** Touches every page, so that it is memory and not a promise of memory. */
const MEMORY_BOMB = `export default async () => {
  const eaten = []
  while (true) eaten.push(new Uint8Array(8_000_000).fill(1))
}`

/** Publishes an agent that spins and one that eats memory. @returns their ids */
export async function publishNoise(site: BenchSite): Promise<string[]> {
  const creator = await aCaller(site.db, 0n, 'Noise maker')
  const deps = { db: site.db, dataDir: site.dataDir }
  return [
    await publishAgent(deps, creator, { name: 'Spinner', source: SPINNER, timeoutMs: 2_000 }),
    await publishAgent(deps, creator, { name: 'Memory bomb', source: MEMORY_BOMB, timeoutMs: 10_000 }),
  ]
}
