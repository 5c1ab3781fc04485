import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { storeManifest } from '../../src/agents/agents.schema.ts'
import { createDiskStore } from '../../src/files/disk-store.ts'
import { agentFileKey } from '../../src/files/index.ts'
import { encodeBlob } from '../../src/platform/blob.ts'
import { newCuid } from '../../src/platform/ids.ts'
import { statement } from '../../src/platform/database.ts'
import { aCaller } from '../../test/support/callers.ts'
import { startBenchSite, type BenchSite } from '../bureau-site.ts'
import { startGenerator } from '../load/start-generator.ts'
import { readRss } from '../process-usage.ts'
import { percentile } from '../statistics.ts'
import { callersOf } from './callers-of.ts'

const CALLERS = 32
const REQUESTS = 1_000
const OFFERED_PER_SECOND = 40

const INSERT_AGENTS = statement(
  'bench.insert_agents',
  `insert into "Agent" (id, name, description, "fileUrl", status, "createdBy", "accountId", slug, visibility, "activeVersion")
   select id, 'Agent ' || n, '', url, 'active', $3, $4, id, 'public', 1
   from unnest($1::text[], $2::text[]) with ordinality as a (id, url, n)`,
)
const INSERT_VERSIONS = statement(
  'bench.insert_versions',
  `insert into "AgentVersion" ("agentId", version, "fileUrl", sha256, "sizeBytes", manifest, examples, trusted, "createdBy")
   select id, 1, url, sha256, 100, $4::text::jsonb, $5, true, $6 from unnest($1::text[], $2::text[], $3::text[]) as a (id, url, sha256)`,
)

/** So many agents, asked for as a marketplace is: the n-th most popular 1/n as often as the first (Zipf). Many runs meet a
 * version that no cache and no sandbox knows. */
export async function measureManyAgents(count: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const generator = await startGenerator()
  stack.defer(() => generator.stop())
  const site = await startBenchSite()
  stack.defer(() => site.stop())
  const agents = await publishMany(site, count)
  say(`${count} agents published`)
  const callers = await callersOf(site, CALLERS)
  const pick = zipf(agents)
  const requests = Array.from({ length: REQUESTS }, (_, n) => {
    const caller = callers[n % callers.length]
    if (caller === undefined) throw new Error('no caller')
    return caller.request(pick(), '{"n":1}')
  })
  await generator.open('agents', site.server.url, requests)
  for (const pass of ['first', 'second']) {
    const round = await generator.arrivals('agents', REQUESTS, OFFERED_PER_SECOND)
    const perSecond = (round.answered / round.wallMs) * 1_000
    say(
      `${pass} pass, ${REQUESTS} runs offered at ${OFFERED_PER_SECOND}/s: ${perSecond.toFixed(1)}/s, ` +
        `p50 ${percentile(round.latenciesMs, 0.5).toFixed(1)} ms, p99 ${percentile(round.latenciesMs, 0.99).toFixed(1)} ms, ` +
        `failed ${JSON.stringify(round.failures)}, server ${(readRss(site.server.pid) / 1e6).toFixed(0)} MB RSS`,
    )
  }
}

async function publishMany(site: BenchSite, count: number): Promise<string[]> {
  const creator = await aCaller(site.db, 0n, 'Prolific')
  const store = createDiskStore({ dir: join(site.dataDir, 'objects') })
  await store.start(AbortSignal.timeout(5_000))
  const made = Array.from({ length: count }, (_, n) => {
    const id = newCuid()
    // Each of its own, so that each has its own hash, file and sandboxes.
    const bytes = Buffer.from(`// agent ${n}\nexport default async (input) => input`)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { id, url: agentFileKey(creator.userId, id, 1, 'agent.js'), bytes, sha256 }
  })
  for (const { url, bytes, sha256 } of made) await store.put(url, bytes, { contentType: 'text/javascript', sha256 })
  const ids = made.map(({ id }) => id)
  const urls = made.map(({ url }) => url)
  const manifest = storeManifest({
    name: 'Agent',
    description: '',
    input: null,
    output: null,
    price: { runMicro: 0n, events: {}, maxMicro: 0n },
    limits: { timeoutMs: 10_000, memoryMb: 128, cpuMs: 10_000 },
    egress: [],
    secrets: [],
    idempotent: false,
    streams: false,
  })
  await site.db.execute(INSERT_AGENTS, [ids, urls, creator.userId, creator.accountId])
  await site.db.execute(INSERT_VERSIONS, [
    ids,
    urls,
    made.map(({ sha256 }) => sha256),
    JSON.stringify(manifest),
    encodeBlob(Buffer.from('[]')),
    creator.userId,
  ])
  return ids
}

/** Draws by rank: the n-th 1/n as often as the first. Seeded, so that two benches ask alike. */
function zipf(items: readonly string[]): () => string {
  const upTo: number[] = []
  let sum = 0
  for (let rank = 1; rank <= items.length; rank += 1) upTo.push((sum += 1 / rank))
  let seed = 42
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    const at = (seed / 2 ** 32) * sum
    let low = 0
    for (let high = items.length - 1; low < high;) {
      const middle = (low + high) >> 1
      if ((upTo[middle] ?? sum) < at) low = middle + 1
      else high = middle
    }
    return items[low] ?? ''
  }
}
