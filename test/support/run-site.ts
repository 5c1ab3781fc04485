import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBureauProcess, type BureauProcess } from './bureau-process.ts'
import { aCaller, type Caller } from './callers.ts'
import { aDatabase, type TestDatabase } from './database.ts'
import { atEndOfFile } from './each-file.ts'

export type RunSite = {
  readonly database: TestDatabase
  readonly dataDir: string
  readonly server: BureauProcess
  readonly creator: Caller
  /** One more server process on the same database and store. @param changes to what the first was started with */
  startAnother(changes?: Readonly<Record<string, string>>): Promise<BureauProcess>
  /** Sends a run. `body` is JSON unless it is a form. */
  run(caller: Caller, agentId: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  get(caller: Caller | null, path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON object of the answer. */
  readonly body: Record<string, unknown>
}

/** A server process on a database and a store of its own. Removed at the end of the test file.
 * @param env settings on top of the defaults */
export async function aRunSite(env: Readonly<Record<string, string>> = {}): Promise<RunSite> {
  const database = await aDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'bureau-site-'))
  const servers: BureauProcess[] = []
  atEndOfFile(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })
  const start = async (changes: Readonly<Record<string, string>> = {}): Promise<BureauProcess> => {
    const server = await startBureauProcess({
      BUREAU_DATA: dataDir,
      DATABASE_URL: database.url,
      BUREAU_SANDBOX_BLANKS: '1',
      BUREAU_LOG_LEVEL: 'warn',
      ...env,
      ...changes,
    })
    servers.push(server)
    return server
  }
  const server = await start()
  const creator = await aCaller(database.db, 0n, 'Creator')
  return {
    database,
    dataDir,
    server,
    creator,
    startAnother: start,
    run: (caller, agentId, body, headers = {}) =>
      send(new URL(`api/agents/${agentId}/run`, server.url), {
        method: 'POST',
        headers: {
          ...authorization(caller),
          ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body instanceof FormData || typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (caller, path, headers = {}) =>
      send(new URL(path, server.url), { headers: { ...authorization(caller), ...headers } }),
  }
}

const authorization = (caller: Caller | null): Record<string, string> =>
  caller === null ? {} : { authorization: `Bearer ${caller.apiKey}` }

export async function send(url: URL, request: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(30_000) })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : {}
  return { status: response.status, headers: response.headers, text, body: isObject(parsed) ? parsed : {} }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
