/** The load generator: a process of its own, so that its work is never on the event loop it measures. Started by
 * `fork` (bench/load/start-generator.ts); obeys one order at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openHttpConnection, type HttpConnection } from './http-connection.ts'
import {
  loadOrder,
  type ArrivalsOrder,
  type LoadOrder,
  type LoadReply,
  type LoadRound,
  type RoundOrder,
} from './protocol.ts'

type Target = {
  readonly host: string
  readonly port: number
  readonly lanes: { readonly request: Buffer; connection: HttpConnection | undefined }[]
}

const targets = new Map<string, Target>()

process.on('message', (message: unknown) => {
  obey(loadOrder.parse(message)).then(reply, (error: unknown) =>
    reply({ kind: 'error', message: error instanceof Error ? error.message : 'unknown' }),
  )
})
// The bench died: nothing is left to report to.
process.on('disconnect', () => process.exit(0))

function reply(message: LoadReply): void {
  process.send?.(message)
}

async function obey(order: LoadOrder): Promise<LoadReply> {
  switch (order.kind) {
    case 'open':
      targets.set(order.target, {
        host: order.host,
        port: order.port,
        lanes: order.requests.map((request) => ({ request: Buffer.from(request), connection: undefined })),
      })
      return { kind: 'done' }
    case 'close':
      for (const lane of targets.get(order.target)?.lanes ?? []) lane.connection?.close()
      targets.delete(order.target)
      return { kind: 'done' }
    case 'round':
      return { kind: 'round', round: await runRound(order) }
    case 'arrivals':
      return { kind: 'round', round: await runArrivals(order) }
  }
}

async function runRound(order: RoundOrder): Promise<LoadRound> {
  const target = targets.get(order.target)
  if (target === undefined || target.lanes.length < order.connections) throw new Error(`no such lanes: ${order.target}`)
  const lanes = target.lanes.slice(0, order.connections)
  for (const lane of lanes) lane.connection ??= await openHttpConnection(target.host, target.port)

  const latencies: number[] = []
  const failures: Record<string, number> = {}
  let firstFailure: string | null = null
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const endsAt = startedAt + order.durationMs
  let lastAnswerAt = startedAt

  const failed = (status: number, why: string): void => {
    failures[status] = (failures[status] ?? 0) + 1
    firstFailure ??= `${status}: ${why.slice(0, 300)}`
  }
  const giveUp = setTimeout(() => {
    for (const lane of lanes) lane.connection?.close()
  }, order.durationMs + order.graceMs)
  await Promise.all(
    lanes.map(async (lane) => {
      while (performance.now() < endsAt) {
        const sentAt = performance.now()
        try {
          lane.connection ??= await openHttpConnection(target.host, target.port)
          const answer = await lane.connection.exchange(lane.request)
          lastAnswerAt = performance.now()
          if (answer.status === 200) latencies.push(lastAnswerAt - sentAt)
          else failed(answer.status, answer.body.toString())
        } catch (error) {
          lane.connection?.close()
          lane.connection = undefined
          failed(0, error instanceof Error ? error.message : 'unknown')
          // A refused connection fails at once; without a pause this loop would take the machine from the server.
          await sleep(20)
        }
        if (order.thinkMs > 0) await sleep(order.thinkMs)
      }
    }),
  )
  clearTimeout(giveUp)
  const used = process.cpuUsage(cpu)
  return {
    answered: latencies.length,
    failures,
    firstFailure,
    latenciesMs: Float64Array.from(latencies).sort(),
    wallMs: lastAnswerAt - startedAt,
    generatorCpuMs: (used.user + used.system) / 1_000,
  }
}

async function runArrivals(order: ArrivalsOrder): Promise<LoadRound> {
  const target = targets.get(order.target)
  if (target === undefined) throw new Error(`no such target: ${order.target}`)
  const idle: HttpConnection[] = []
  const open = new Set<HttpConnection>()
  const latencies: number[] = []
  const failures: Record<string, number> = {}
  let firstFailure: string | null = null
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  let lastAnswerAt = startedAt

  const failed = (status: number, why: string): void => {
    failures[status] = (failures[status] ?? 0) + 1
    firstFailure ??= `${status}: ${why.slice(0, 300)}`
  }
  async function send(index: number, dueAt: number): Promise<void> {
    const lane = target?.lanes[index % target.lanes.length]
    if (target === undefined || lane === undefined) return
    let connection: HttpConnection | undefined
    try {
      connection = idle.pop() ?? (await openHttpConnection(target.host, target.port, order.graceMs))
      open.add(connection)
      const answer = await connection.exchange(lane.request)
      lastAnswerAt = performance.now()
      if (answer.status === 200) latencies.push(lastAnswerAt - dueAt)
      else failed(answer.status, answer.body.toString())
      idle.push(connection)
    } catch (error) {
      connection?.close()
      failed(0, error instanceof Error ? error.message : 'unknown')
    }
  }
  const sent: Promise<void>[] = []
  for (let index = 0; index < order.count; index += 1) {
    const dueAt = startedAt + (index / order.ratePerSecond) * 1_000
    const waitMs = dueAt - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    sent.push(send(index, dueAt))
  }
  const giveUp = setTimeout(() => {
    for (const connection of open) connection.close()
  }, order.graceMs)
  await Promise.all(sent)
  clearTimeout(giveUp)
  for (const connection of open) connection.close()
  const used = process.cpuUsage(cpu)
  return {
    answered: latencies.length,
    failures,
    firstFailure,
    latenciesMs: Float64Array.from(latencies).sort(),
    wallMs: lastAnswerAt - startedAt,
    generatorCpuMs: (used.user + used.system) / 1_000,
  }
}
