import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { aChaosSite, PAID_MICRO, type ChaosSite } from './chaos-site.ts'
import { isFull } from './chaos.options.ts'
import { findFaults } from './check-books.ts'
import { askUntilFinal, finishedRun, send, type Answer, type KeyedOrder } from './keyed-run.ts'
import { killAt, recordPlaces, type KillPoint, type Place } from './run-messages.ts'
import type { BureauProcess } from '../support/bureau-process.ts'

/** A lost run is settled when its owner's lease (10 s) has ended; most of a step is waiting for that, so several sites
 * wait side by side. */
const LANES = 4
const RECOVERY_MS = 45_000

type Lane = {
  readonly site: ChaosSite
  server: BureauProcess
  /** Every order of the lane so far with its final answer: none of them may change later. */
  readonly answers: { readonly order: KeyedOrder; readonly answer: Answer }[]
}

let lanes: Lane[]

beforeAll(async () => {
  lanes = await Promise.all(
    Array.from({ length: LANES }, async () => {
      const site = await aChaosSite({ callers: 1 })
      return { site, server: await site.start(), answers: [] }
    }),
  )
}, 180_000)

test('killed before and after every message of a run, the server charges once and every key keeps its answer', async () => {
  const [first] = lanes
  if (first === undefined) throw new Error('no lane')
  const places = await placesOfOneRun(first)
  expect(places.some((place) => place.includes('Execute runs.admit'))).toBe(true)
  expect(places.some((place) => place.includes('Execute runs.settle'))).toBe(true)
  const points = isFull() ? everyPoint(places) : everyPoint(places).filter(isDecisive)
  const queue = [...points]
  const faults: string[] = []
  const outcomes: Record<string, number> = {}
  await Promise.all(
    lanes.map(async (lane) => {
      for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
        const { faults: found, outcome } = await dieOnTheWay(lane, point)
        faults.push(...found.map((fault) => `${point?.when} ${point?.place}: ${fault}`))
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      }
    }),
  )
  process.stderr.write(`${points.length} kills at ${places.length} messages of a run: ${JSON.stringify(outcomes)}\n`)
  expect(faults).toEqual([])
}, 1_800_000)

const everyPoint = (places: readonly Place[]): KillPoint[] =>
  places.flatMap((place) => [
    { place, when: 'before' as const },
    { place, when: 'after' as const },
  ])

/** Where a transaction begins to matter, ends, and is known to have ended. */
const isDecisive = ({ place }: KillPoint): boolean =>
  /^(frontend Execute|frontend Sync|backend ReadyForQuery) runs\.(admit|settle)/.test(place)

/** The first run of a fresh process, which also looks up key and agent and prepares its statements. */
async function placesOfOneRun(lane: Lane): Promise<Place[]> {
  const order = anOrder(lane)
  const record = recordPlaces(lane.site.proxy)
  const answer = await send(lane.server.url, order)
  record.stop()
  expect(answer?.status, `${answer?.body}\n${lane.server.output()}`).toBe(200)
  if (answer !== null) lane.answers.push({ order, answer })
  await restart(lane)
  return record.places
}

function anOrder({ site }: Lane): KeyedOrder {
  const [caller] = site.callers
  if (caller === undefined) throw new Error('no caller')
  const key = randomUUID()
  return { caller, agentId: site.agentId, key, body: JSON.stringify({ say: key, waitMs: 0 }) }
}

async function restart(lane: Lane): Promise<void> {
  await lane.server.kill()
  lane.site.proxy.watch(undefined)
  lane.site.proxy.cutAll()
  lane.server = await lane.site.start()
}

type Step = { readonly faults: string[]; readonly outcome: string }

/** Each step begins with a process that has run nothing, so that the conversation is the one whose places were recorded.
 * A place may be passed by all the same (a statement that was batched with another): then the step is taken again. */
async function dieOnTheWay(lane: Lane, point: KillPoint): Promise<Step> {
  let step = await dieAt(lane, point)
  for (let tries = 1; step.outcome === NOT_REACHED && tries < 3; tries += 1) step = await dieAt(lane, point)
  return step
}

const NOT_REACHED = 'not reached'

async function dieAt(lane: Lane, point: KillPoint): Promise<Step> {
  const { site, server } = lane
  const order = anOrder(lane)
  const death = killAt(site.proxy, point, () => process.kill(server.pid, 'SIGKILL'))
  const firstAnswer = await send(server.url, order)
  if (!death.wasReached()) {
    if (firstAnswer !== null) lane.answers.push({ order, answer: firstAnswer })
    await restart(lane)
    return { faults: [`not reached; the answer was ${JSON.stringify(firstAnswer)}`], outcome: NOT_REACHED }
  }
  await server.gone
  await restart(lane)
  const answer = await askUntilFinal(() => lane.server.url, order, RECOVERY_MS)
  lane.answers.push({ order, answer })
  const faults: string[] = []
  const again = await send(lane.server.url, order)
  if (again?.body !== answer.body || again.status !== answer.status)
    faults.push(`a second replay differs: ${JSON.stringify(again)} after ${JSON.stringify(answer)}`)
  // What was answered before the death is the truth for ever.
  if (firstAnswer !== null && (firstAnswer.body !== answer.body || firstAnswer.status !== answer.status))
    faults.push(`answered ${JSON.stringify(firstAnswer)} before the kill, ${JSON.stringify(answer)} after it`)
  faults.push(...(await findFaults(site.database.db, PAID_MICRO, lane.answers)))
  await restart(lane)
  return { faults, outcome: outcomeOf(firstAnswer, answer) }
}

function outcomeOf(first: Answer | null, final: Answer): string {
  const ending = final.status === 200 ? 'succeeded' : (finishedRun(final)?.code ?? 'failed')
  if (first !== null) return `answered before the kill, ${ending}`
  if (final.status !== 200) return `lost with the server: ${ending}`
  return final.isReplay ? 'settled before the kill, replayed' : 'not admitted before the kill, run once asked again'
}
