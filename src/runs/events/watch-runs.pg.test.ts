import { Writable } from 'node:stream'
import { beforeAll, expect, test } from 'vitest'
import { aDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { atEndOfFile } from '../../../test/support/each-file.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { anAccount, anAdmission, aRunLedger, aSuccess } from '../../../test/support/run-ledger.ts'
import { createLogger } from '../../platform/logger.ts'
import { createFindWaiting } from '../find-waiting.ts'
import { findRun } from '../find-run.ts'
import type { RunLedger } from '../run-ledger.ts'
import { CLAIM } from '../runs.queries.ts'
import { createRunEvents, type Recorder } from './record-events.ts'
import { createRunWatch, type RunWatch } from './watch-runs.ts'

const log = createLogger('silent')
const signal = AbortSignal.timeout(120_000)

let database: TestDatabase
let ledger: RunLedger
let accountId: string
beforeAll(async () => {
  database = await aDatabase()
  ledger = await aRunLedger(database.url)
  accountId = await anAccount(database.db, { granted: 1_000_000n })
})

/** What one process has of streams. Until it is started it does not look for what others execute. */
function aProcess() {
  const { db } = database
  const events = createRunEvents({ db, log, ownerId: ledger.ownerId })
  const watch = createRunWatch({
    db,
    log,
    events,
    waiting: createFindWaiting({ db, runsPerAccount: 24, slots: () => 32 }),
  })
  atEndOfFile(async () => {
    await watch.stop()
    await events.stop()
  })
  return { events, watch }
}

/** A queued run that the first process executes. */
async function aRun(recordingAt: ReturnType<typeof aProcess>) {
  const order = { ...anAdmission(accountId), isFresh: false, isIdempotent: false }
  await ledger.enqueue(order)
  await database.db.query(CLAIM, [ledger.ownerId, '', 1, 24])
  const recorder = recordingAt.events.record({ accountId, runId: order.runId }, { after: 1, isLive: true })
  const end = async (): Promise<void> => {
    await recorder.flush()
    recorder.close()
    await ledger.settle(aSuccess(order))
    recordingAt.watch.ended(order.runId)
  }
  return { runId: order.runId, recorder, end }
}

async function say(recorder: Recorder, count: number, padBytes = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) recorder.add('run.chunk', `{"data":"${'x'.repeat(padBytes)}"}`)
  await recorder.flush()
}

/** Somebody who watches: takes all at once, or nothing until told to. */
async function aReader(watch: RunWatch, runId: string, takes = true) {
  let text = ''
  let go: (() => void) | null = null
  let isStuck = !takes
  const sink = new Writable({
    highWaterMark: 16_384,
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('utf8')
      if (isStuck) go = done
      else done()
    },
  })
  const row = await findRun({ db: database.db }, accountId, runId)
  if (row === null) throw new Error('no run')
  await watch.open(row, 0, { begin: () => sink, isDraining: () => false })
  return {
    sink,
    ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)),
    take() {
      isStuck = false
      go?.()
    },
  }
}
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1)

test('who comes late at another process and who was there are told the same once, however far their process has looked', async () => {
  const [executing, elsewhere] = [aProcess(), aProcess()]
  const { runId, recorder, end } = await aRun(executing)
  await say(recorder, 3)
  const early = await aReader(elsewhere.watch, runId)
  await eventually(() => expect(early.ids()).toEqual(upTo(4)), { withinMs: 10_000 })
  await say(recorder, 3)
  // It reads from the database what its process has not looked for yet.
  const late = await aReader(elsewhere.watch, runId)
  await eventually(() => expect(late.ids()).toEqual(upTo(7)), { withinMs: 10_000 })
  await say(recorder, 2)
  await elsewhere.watch.start(signal)
  // Told while the run goes on, not at its end.
  await eventually(() => expect([early.ids(), late.ids()]).toEqual([upTo(9), upTo(9)]), { withinMs: 10_000 })
  await end()
  await eventually(() => expect([early.ids(), late.ids()]).toEqual([upTo(10), upTo(10)]), { withinMs: 10_000 })
})

test('for a reader who takes nothing next to nothing is kept in memory, and nobody waits for it; it misses nothing', async () => {
  const here = aProcess()
  await here.watch.start(signal)
  const { runId, recorder, end } = await aRun(here)
  const [stuck, quick] = [await aReader(here.watch, runId, false), await aReader(here.watch, runId)]
  for (let n = 0; n < 20; n += 1) await say(recorder, 10, 10_000)
  await eventually(() => expect(quick.ids()).toEqual(upTo(201)), { withinMs: 20_000 })
  // Two megabytes were said.
  expect(stuck.sink.writableLength).toBeLessThan(150_000)
  stuck.take()
  await end()
  await eventually(() => expect(stuck.ids()).toEqual(upTo(202)), { withinMs: 20_000 })
})
