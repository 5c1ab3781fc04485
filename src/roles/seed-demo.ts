import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { v7 } from 'uuid'
import { z } from 'zod'
import { setAgentTrial } from '../agents/index.ts'
import { formatCredits, getBalance, grantCredits, parseCredits } from '../credits/index.ts'
import { isExampleLive, publishExample } from '../deployments/index.ts'
import { statement } from '../platform/database.ts'
import { createApiKey, createUser, permissionsOf, type Principal } from '../users/index.ts'
import type { Assembly } from './assemble.ts'

export type Demo = {
  readonly apiKey: string
  /** Id of each demo agent by its folder's name. */
  readonly agents: Readonly<Record<string, string>>
  readonly credits: string
  /** One line that works as it stands. */
  readonly curl: string
}

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const DEMO_AGENTS = [
  'csv-profiler',
  'echo',
  'seo-auditor',
  'assistant',
  'text-analyser',
  'markdown-report',
  'image-tool',
] as const
/** Where Python agents are served. */
const PYTHON_AGENTS = ['log-summariser'] as const
const DEMO_CREDITS = parseCredits('1000')

/** `$BUREAU_DATA/demo.json`, for scripts that drive the demo. */
const demoFile = z.object({ url: z.string(), apiKey: z.string(), agents: z.record(z.string(), z.string()) })

/** The embedded mode's first start: an admin who owns the demo agents, a demo account with credits and a key, and the
 * agents published through the deployment job. A later start finds all of it and only brings the agents up to date. */
export async function seedDemo(
  assembly: Assembly,
  options: { readonly dataDir: string; readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<Demo> {
  const { say } = options
  const file = join(options.dataDir, 'demo.json')
  const admin = await personOf(assembly, {
    email: 'admin@bureau.localhost',
    name: 'Bureau',
    roles: ['user', 'creator', 'admin'],
  })
  const demo = await personOf(assembly, { email: 'demo@bureau.localhost', name: 'Demo', roles: ['user'] })
  await grantCredits(assembly, {
    accountId: demo.accountId,
    amountMicro: DEMO_CREDITS,
    operationId: firstGrantOf(demo),
  })
  const agents: Record<string, string> = {}
  for (const name of [...DEMO_AGENTS, ...PYTHON_AGENTS]) {
    const example = { slug: name, folder: join(EXAMPLES, name) }
    // Its walls are tried for the first start's sake only: later ones find the agent live, and must not wait for that.
    if (isInPython(name) && !(await isExampleLive(assembly.deployments, admin, example)))
      if ((await assembly.sandbox.tryPython()).grade !== 'strong') continue
    const published = await publishExample(assembly.deployments, admin, {
      ...example,
      signal: options.signal,
      onStep: (step) => say(`Publishing the demo agent ${name}: ${step} …`),
    })
    agents[name] = published.agentId
    await offerToGuests(assembly, admin, published.agentId)
  }
  const apiKey = (await keptKey(assembly, file)) ?? (await newKey(assembly, demo))
  await writePrivately(file, `${JSON.stringify({ url: assembly.url, apiKey, agents }, null, 2)}\n`)
  const balance = await getBalance(assembly, demo.accountId)
  const csv = join(EXAMPLES, 'csv-profiler', 'sales.csv')
  return {
    apiKey,
    agents,
    credits: formatCredits(balance.availableMicro),
    curl: `curl -s ${assembly.url}/api/agents/${agents['csv-profiler'] ?? ''}/run -H 'Authorization: Bearer ${apiKey}' -F 'csv=@${csv};type=text/csv'`,
  }
}

/** Whose manifest asks for neither the network nor secrets, and of whom nobody ever said whether guests may run it. */
const FIND_HARMLESS = statement<{ id: string }>(
  'seed.find_harmless',
  `select a.id from "Agent" a join "AgentVersion" v on v."agentId" = a.id and v.version = a."activeVersion"
   where a.id = $1 and a.hosts = 0 and coalesce(v.manifest -> 'secrets', '[]') = '[]'
     and not exists (select 1 from "AuditEvent" e where e.subject = 'agent:' || a.id and e.action = 'agent.trial_changed')`,
)

/** Guests may run demo agents that can do no harm, until the operator says otherwise. */
async function offerToGuests({ db, agents }: Assembly, admin: Principal, agentId: string): Promise<void> {
  const [harmless] = await db.query(FIND_HARMLESS, [agentId])
  if (harmless !== undefined) await setAgentTrial({ db, cache: agents.cache }, admin, harmless.id, true)
}
const isInPython = (name: string): boolean => PYTHON_AGENTS.some((each) => each === name)

/** The same for the same account: whoever dies after the grant and starts again grants once. */
function firstGrantOf({ accountId, createdAt }: SeededPerson): string {
  const random = createHash('sha256').update(`first grant of ${accountId}`).digest().subarray(0, 16)
  return v7({ msecs: createdAt.getTime(), random, seq: 0 })
}

const FIND_PERSON = statement<{ userId: string; accountId: string; createdAt: Date }>(
  'seed.find_person',
  `select u.id as "userId", a.id as "accountId", a."createdAt" from "User" u
   join "Member" m on m."userId" = u.id and m.role = 'owner'
   join "Account" a on a.id = m."accountId" and a.kind = 'personal'
   where u.email = $1`,
)

type Person = {
  readonly email: string
  readonly name: string
  readonly roles: readonly ('user' | 'creator' | 'admin')[]
}

type SeededPerson = Principal & { readonly createdAt: Date }

async function personOf(assembly: Assembly, person: Person): Promise<SeededPerson> {
  const find = () => assembly.db.query(FIND_PERSON, [person.email])
  let [known] = await find()
  if (known === undefined) {
    await createUser(assembly, 'system:seed', { ...person, isEmailVerified: true })
    ;[known] = await find()
  }
  if (known === undefined) throw new Error(`${person.email} was made and is not there`)
  const isAdmin = person.roles.includes('admin')
  return {
    kind: 'user',
    id: `user:${known.userId}`,
    accountId: known.accountId,
    userId: known.userId,
    permissions: permissionsOf('owner', isAdmin),
    agentIds: null,
    isAdmin,
    createdAt: known.createdAt,
  }
}

/** The key of an earlier start, if it still opens the door. */
async function keptKey(assembly: Assembly, file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null) // the first start
  if (text === null) return null
  try {
    const { apiKey } = demoFile.parse(JSON.parse(text))
    await assembly.keys.authenticate(apiKey)
    return apiKey
  } catch {
    // Edited by hand, or the key was revoked: a new one is made.
    return null
  }
}

async function newKey(assembly: Assembly, demo: Principal): Promise<string> {
  const created = await createApiKey(assembly, demo, {
    name: 'Demo',
    scopes: ['runs.create', 'runs.read', 'agents.read', 'credits.read', 'keys.read', 'keys.write'],
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: null,
  })
  return created.key
}

async function writePrivately(file: string, text: string): Promise<void> {
  await writeFile(`${file}.tmp`, text, { mode: 0o600 })
  await rename(`${file}.tmp`, file)
}
