import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import pg from 'pg'
import { expect, inject } from 'vitest'
import { createDatabase, type Database } from '../../src/platform/database.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { atEndOfFile, hasFailure } from './each-file.ts'

export type TestDatabase = {
  readonly url: string
  /** A started pool of at most 10 connections. */
  readonly db: Database
  /** Ends the pool and drops the database, or keeps and names it if a test of the file failed.
   * Called at the end of the file in any case. */
  stop(): Promise<void>
}

/** A database of its own, migrated, empty: a copy of the run's template, made in some 50 ms. */
export async function aDatabase(): Promise<TestDatabase> {
  const name = nameFor(expect.getState().testPath ?? 'unknown')
  await onServer((admin) => admin.query(`create database ${name} template ${inject('templateName')}`))
  const url = new URL(inject('serverUrl'))
  url.pathname = name
  const log = createLogger('error', 2)
  const db = createDatabase({ url: url.href, poolMax: 10, statementTimeoutMs: 15_000, log, name: 'test' })
  await db.start(AbortSignal.timeout(10_000))
  let stopping: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    await db.stop()
    if (hasFailure()) {
      process.stderr.write(`\nkept the database of the failed test: ${name} (npm run test:database opens its server)\n`)
    } else await onServer((admin) => admin.query(`drop database ${name} with (force)`))
  }
  const stop = (): Promise<void> => (stopping ??= stopAll())
  atEndOfFile(stop)
  return { url: url.href, db, stop }
}

export type EmptyDatabase = { readonly url: string; stop(): Promise<void> }

/** A database without anything, for tests of the migrations themselves. */
export async function anEmptyDatabase(): Promise<EmptyDatabase> {
  const name = nameFor(expect.getState().testPath ?? 'unknown')
  await onServer((admin) => admin.query(`create database ${name} template template0 encoding 'UTF8'`))
  const url = new URL(inject('serverUrl'))
  url.pathname = name
  const stop = (): Promise<void> =>
    onServer(async (admin) => void (await admin.query(`drop database if exists ${name} with (force)`)))
  return { url: url.href, stop }
}

/** Runs something on the server's maintenance database. */
export async function onServer<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: inject('serverUrl') })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

/** The time first, so that old ones can be told; then the file, so that a person can. */
function nameFor(testPath: string): string {
  const slug = basename(testPath)
    .replace(/\.test\.ts$/, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 30)
  return `t${Date.now()}_${slug}_${randomBytes(4).toString('hex')}`
}
