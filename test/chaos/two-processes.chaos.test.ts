import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { BureauProcess } from '../support/bureau-process.ts'
import { aChaosSite, PAID_MICRO, type ChaosSite } from './chaos-site.ts'
import { findFaults } from './check-books.ts'
import { finishedRun, send, type Answer, type KeyedOrder } from './keyed-run.ts'

const logsAnswer = z.object({ items: z.array(z.object({ message: z.string() })) })
const problem = z.looseObject({ code: z.string() })

let site: ChaosSite
let servers: [BureauProcess, BureauProcess]

beforeAll(async () => {
  site = await aChaosSite({ callers: 1 })
  servers = await Promise.all([site.start(), site.start()])
}, 120_000)

test('one key sent 50 times at once through two processes is executed once, charged once and answered alike', async () => {
  const order = anOrder('first', 500)
  const answers = await sendToBoth(Array.from({ length: 50 }, () => order))
  expect(answers.map((answer) => answer?.status)).toEqual(Array.from({ length: 50 }, () => 200))
  const [first] = answers
  if (!first) throw new Error('no answer')
  expect(new Set(answers.map((answer) => answer?.body))).toEqual(new Set([first.body]))
  expect(answers.filter((answer) => answer?.isReplay === false)).toHaveLength(1)
  expect(await effectsOf(first)).toBe(1)
  expect(await findFaults(site.database.db, PAID_MICRO, [{ order, answer: first }])).toEqual([])

  // The same key once more, 25 times as it was and 25 times with other bodies: those change nothing.
  const others = Array.from({ length: 25 }, (_, n) => ({
    ...order,
    body: JSON.stringify({ say: `other ${n}`, waitMs: 500 }),
  }))
  const mixed = await sendToBoth([...others, ...Array.from({ length: 25 }, () => order)])
  expect(mixed.slice(25).map((answer) => answer?.body)).toEqual(Array.from({ length: 25 }, () => first.body))
  expect(mixed.slice(0, 25).map((answer) => answer?.status)).toEqual(Array.from({ length: 25 }, () => 422))
  expect(new Set(mixed.slice(0, 25).map(codeOf))).toEqual(new Set(['IDEMPOTENCY_KEY_REUSED']))
  expect(await findFaults(site.database.db, PAID_MICRO, [{ order, answer: first }])).toEqual([])
}, 60_000)

test('a key with two bodies at once runs one of them, whichever came first, and refuses the other', async () => {
  const [one, two] = [anOrder('one', 500), anOrder('two', 500)]
  const other = { ...two, key: one.key }
  // By twos, so that each process gets both bodies.
  const answers = await sendToBoth(Array.from({ length: 48 }, (_, n) => (n % 4 < 2 ? one : other)))
  const winner = answers.find((answer) => answer?.status === 200)
  if (!winner) throw new Error(`nobody won: ${answers.map((answer) => answer?.body).join('\n')}`)
  expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([200, 422]))
  expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(24)
  expect(new Set(answers.filter((answer) => answer?.status === 200).map((answer) => answer?.body)).size).toBe(1)
  expect(await effectsOf(winner)).toBe(1)
  const { rows } = await site.database.db.pool.query<{ n: number }>('select count(*)::int as n from runs')
  expect(rows).toEqual([{ n: 2 }])
}, 60_000)

/** Every second one goes to the second process. All are on their way before the first answer. */
function sendToBoth(orders: readonly KeyedOrder[]): Promise<(Answer | null)[]> {
  return Promise.all(orders.map((order, n) => send(servers[n % 2 === 0 ? 0 : 1].url, order)))
}

function anOrder(say: string, waitMs: number): KeyedOrder {
  const [caller] = site.callers
  if (caller === undefined) throw new Error('no caller')
  return { caller, agentId: site.agentId, key: randomUUID(), body: JSON.stringify({ say, waitMs }) }
}

/** How often the agent made its effect, as its run's log tells. */
async function effectsOf(answer: Answer): Promise<number> {
  const runId = finishedRun(answer)?.runId
  const url = new URL(`/api/runs/${runId}/logs`, servers[1].url)
  const response = await fetch(url, { headers: { authorization: `Bearer ${site.callers[0]?.apiKey}` } })
  const { items } = logsAnswer.parse(await response.json())
  return items.filter((item) => item.message === 'effect').length
}

const codeOf = (answer: Answer | null): string => problem.parse(JSON.parse(answer?.body ?? '{}')).code
