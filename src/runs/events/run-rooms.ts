import { Writable } from 'node:stream'
import { z } from 'zod'
import type { Queryable } from '../../platform/database.ts'
import type { Principal } from '../../users/index.ts'
import { getRunRow } from '../get-run-row.ts'
import { runsErrors } from '../runs.errors.ts'
import type { RunWatch } from './watch-runs.ts'

/** An event of a run as a socket is told it. */
export type RunRoomEvent = { readonly seq: number; readonly type: string; readonly data: unknown }

export type RunRooms = {
  /** Tells the events of a run after this number, in order, to the last. `tell` is waited for, so that a reader that is
   * slow is read from the database again and never buffered for.
   * @returns how to stop
   * @throws RUN_NOT_FOUND also for a run of somebody else, EVENT_ID_INVALID, FORBIDDEN */
  follow(
    principal: Principal,
    runId: string,
    after: number,
    tell: (event: RunRoomEvent) => Promise<void>,
  ): Promise<{ stop(): void }>
}

/** The same streams as `GET /api/runs/:id/events`, from the same stored events, for sockets: nothing is numbered or kept
 * twice, and a page may go from one to the other with the number it has. */
export function createRunRooms(deps: { readonly db: Queryable; readonly watch: RunWatch }): RunRooms {
  return {
    async follow(principal, runId, after, tell) {
      if (!z.uuid().safeParse(runId).success) throw runsErrors.RUN_NOT_FOUND({ runId: runId.slice(0, 60) })
      const row = await getRunRow(deps, principal, runId)
      const sink = new Writable({
        highWaterMark: 65_536,
        write(chunk: Buffer, _encoding, done) {
          tellAll(eventsIn(chunk.toString('utf8')), tell).then(() => done(), done)
        },
      })
      // A reader that is gone ends its stream, as a connection that closes does.
      sink.on('error', () => undefined)
      await deps.watch.open(row, after, { begin: () => sink, isDraining: () => false })
      return { stop: () => void sink.destroy() }
    },
  }
}

async function tellAll(events: readonly RunRoomEvent[], tell: (event: RunRoomEvent) => Promise<void>): Promise<void> {
  for (const event of events) await tell(event)
}

const eventData = z.looseObject({ seq: z.number() })

/** What a stream writes is whole events, one or several at a time; comments and the time to reconnect are for EventSource. */
function eventsIn(text: string): RunRoomEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const lines = block.split('\n')
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const [type, data] = [field('event'), field('data')]
    if (type === undefined || data === undefined) return []
    const parsed = eventData.parse(JSON.parse(data))
    return [{ seq: parsed.seq, type, data: parsed }]
  })
}
