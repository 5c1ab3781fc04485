import { Client } from 'pg'
import { startPortServer, type PortServer } from './child-process.ts'
import { encodeRequest } from './load/http-connection.ts'
import type { Generator } from './load/start-generator.ts'

const POOL_SIZES = [4, 8, 16, 32] as const

export type LowerBound = {
  /** The fastest pool at this many connections: its target at the generator, and its process. */
  readonly best: ReadonlyMap<number, { readonly poolSize: number; readonly target: string; readonly pid: number }>
  stop(): Promise<void>
}

/** Makes the lower bound's table in a database of its own on the same server.
 * @param databaseUrl Bureau's  @returns the URL of the new database */
export async function createLowerBoundDatabase(databaseUrl: string): Promise<string> {
  const name = 'bureau_lower_bound'
  const admin = new Client({ connectionString: databaseUrl })
  await admin.connect()
  try {
    const { rows } = await admin.query<{ fsync: string; commit: string }>(
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
    )
    if (rows[0]?.fsync !== 'on' || rows[0].commit !== 'on') throw new Error('fsync and synchronous_commit must be on')
    await admin.query(`create database ${name}`)
  } finally {
    await admin.end()
  }
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(`create table lower_bound_runs (id uuid primary key, account_id text not null,
      status text not null, input bytea, output bytea, created_at timestamptz not null default now(),
      finished_at timestamptz)`)
  } finally {
    await client.end()
  }
  return url.href
}

/** Starts the lower bound once for each pool size, measures each, and keeps the best for every number of connections.
 * Pools stay apart in processes of their own; those not in use sleep. */
export async function calibrateLowerBound(
  deps: { readonly generator: Generator; readonly progress: (line: string) => void },
  databaseUrl: string,
  body: string,
  plan: { readonly connections: readonly number[]; readonly roundMs: number },
): Promise<LowerBound> {
  const most = Math.max(...plan.connections)
  const servers = new Map<number, PortServer>()
  const stop = async () => {
    await Promise.all([...servers.values()].map((server) => server.stop()))
  }
  try {
    const fastest = new Map<number, { poolSize: number; target: string; pid: number; runsPerSecond: number }>()
    for (const poolSize of POOL_SIZES) {
      const server = await startPortServer(new URL('./lower-bound.ts', import.meta.url), [
        databaseUrl,
        String(poolSize),
      ])
      servers.set(poolSize, server)
      const target = `lower bound, pool ${poolSize}`
      const request = encodeRequest('POST', new URL('/run', server.url), { 'Content-Type': 'application/json' }, body)
      await deps.generator.open(
        target,
        server.url,
        Array.from({ length: most }, () => request),
      )
      await deps.generator.round(target, most, plan.roundMs)
      for (const connections of plan.connections) {
        const round = await deps.generator.round(target, connections, plan.roundMs)
        const runsPerSecond = (round.answered / round.wallMs) * 1_000
        deps.progress(`${target} at ${connections}: ${Math.round(runsPerSecond)} runs/s`)
        if (runsPerSecond > (fastest.get(connections)?.runsPerSecond ?? 0))
          fastest.set(connections, { poolSize, target, pid: server.pid, runsPerSecond })
      }
    }
    const used = new Set([...fastest.values()].map(({ poolSize }) => poolSize))
    for (const [poolSize, server] of servers) {
      if (used.has(poolSize)) continue
      servers.delete(poolSize)
      await server.stop()
    }
    return { best: fastest, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
