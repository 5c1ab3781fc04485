import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Caller } from '../support/callers.ts'

/** One paid request, as a caller would write it down before sending it. */
export type KeyedOrder = {
  readonly caller: Caller
  readonly agentId: string
  readonly key: string
  readonly body: string
}

export type Answer = { readonly status: number; readonly body: string; readonly isReplay: boolean }

/** Sends the order once. @returns null if there was no whole answer: the server died, or is not there */
export async function send(url: URL, order: KeyedOrder, withinMs = 40_000): Promise<Answer | null> {
  try {
    const response = await fetch(new URL(`/api/agents/${order.agentId}/run`, url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${order.caller.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': order.key,
      },
      body: order.body,
      signal: AbortSignal.timeout(withinMs),
    })
    const body = await response.text()
    return { status: response.status, body, isReplay: response.headers.get('idempotent-replayed') === 'true' }
  } catch {
    return null // Refused, reset, or late: for the caller all the same, it asks again.
  }
}

const finished = z.looseObject({ runId: z.string(), charge: z.string(), code: z.string().nullable() })

/** What is final about an answer: it names a run that is over. Refusals before admission (402, 429, 503 …) and 202 are
 * not, and the caller may ask again under the same key. */
export function finishedRun(answer: Answer | null): z.infer<typeof finished> | null {
  if (answer === null || answer.status === 202) return null
  const parsed = finished.safeParse(parseJson(answer.body))
  return parsed.success ? parsed.data : null
}

/** Asks under the same key until the answer is final, at whatever server is there by then.
 * @throws Error with the last answer if there is none within `withinMs` */
export async function askUntilFinal(url: () => URL, order: KeyedOrder, withinMs: number): Promise<Answer> {
  let last: Answer | null = null
  for (const until = performance.now() + withinMs; performance.now() < until; await sleep(100)) {
    last = (await send(url(), order)) ?? last
    if (last !== null && finishedRun(last) !== null) return last
  }
  throw new Error(`key ${order.key} had no final answer within ${withinMs} ms; the last was ${JSON.stringify(last)}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not JSON, so not an answer of ours.
  }
}
