import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import type { BureauProcess } from '../support/bureau-process.ts'
import type { Caller } from '../support/callers.ts'
import { aChaosSite, PAID_MICRO, type ChaosSite } from './chaos-site.ts'
import { isFull } from './chaos.options.ts'
import { findFaults } from './check-books.ts'
import { askUntilFinal, send, type Answer, type KeyedOrder } from './keyed-run.ts'

const CALLERS = 16
/** The start of the next server is in it, which takes a second, and a minute on a machine that is busy otherwise. */
const RECOVERY_MS = 180_000

type Settled = { readonly order: KeyedOrder; readonly answer: Answer }

let site: ChaosSite
let server: BureauProcess

beforeAll(async () => {
  site = await aChaosSite({ callers: CALLERS })
  server = await site.start()
}, 120_000)

test('killed at random under sixteen callers, the server loses nothing it answered and charges nothing twice', async () => {
  const all: Settled[] = []
  const kills = isFull() ? 20 : 3
  let unanswered = 0
  for (let kill = 1; kill <= kills; kill += 1) {
    const round = await killUnderLoad()
    unanswered += round.unanswered
    all.push(...round.settled)
    const faults = await findFaults(site.database.db, PAID_MICRO, all)
    faults.push(...(await replayFaults(round.settled)))
    expect(faults, `after kill ${kill}`).toEqual([])
  }
  const succeeded = all.filter(({ answer }) => answer.status === 200).length
  process.stderr.write(
    `${kills} kills: ${all.length} keys, ${unanswered} without an answer when the server died; ` +
      `${succeeded} succeeded, ${all.length - succeeded} were lost and not charged\n`,
  )
  // Otherwise the kills met an idle server and nothing was shown.
  expect(unanswered).toBeGreaterThan(0)
}, 1_800_000)

/** Sixteen callers go on through one kill: who has no answer asks the next server under the same key. */
async function killUnderLoad(): Promise<{ settled: Settled[]; unanswered: number }> {
  const settled: Settled[] = []
  let unanswered = 0
  let isOver = false
  const load = site.callers.map(async (caller) => {
    while (!isOver) {
      const order = anOrder(caller)
      const first = await send(server.url, order)
      if (first === null) unanswered += 1
      const answer = first?.status === 200 ? first : await askUntilFinal(() => server.url, order, RECOVERY_MS)
      settled.push({ order, answer })
    }
  })
  const callers = Promise.all(load)
  callers.catch(() => {}) // Awaited below; until then a failure waits.
  await sleep(randomInt(400, 1_600))
  await server.kill()
  server = await site.start()
  await sleep(500)
  isOver = true
  await callers
  return { settled, unanswered }
}

function anOrder(caller: Caller): KeyedOrder {
  const key = randomUUID()
  // Of different lengths, so that a kill meets runs in every phase.
  return { caller, agentId: site.agentId, key, body: JSON.stringify({ say: key, waitMs: randomInt(0, 60) }) }
}

/** Every key of the round once more: its own answer, byte for byte. */
async function replayFaults(settled: readonly Settled[]): Promise<string[]> {
  const faults: string[] = []
  const queue = [...settled]
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const { order, answer } = next
        const replay = await send(server.url, order)
        if (replay?.status !== answer.status || replay.body !== answer.body)
          faults.push(`key ${order.key}: ${JSON.stringify(replay)} after ${JSON.stringify(answer)}`)
      }
    }),
  )
  return faults
}
