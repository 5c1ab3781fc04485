import type { Queryable } from '../platform/database.ts'
import { accountRoom, type RealtimeData } from './realtime.schema.ts'
import { tellRooms } from './tell-rooms.ts'

export type DeploymentStatusUpdate = RealtimeData<'deployment:status'> & {
  /** Whose agent it is: nobody else hears of it. */
  readonly accountId: string
}

/** Tells the account's connected clients, wherever they are connected, how a deployment stands (`deployment:status`).
 * The specification emits to everybody; a deployment is its creator's business, so this goes to their room. */
export function broadcastDeploymentStatus(
  deps: { readonly db: Queryable },
  { accountId, ...data }: DeploymentStatusUpdate,
): Promise<void> {
  return tellRooms(deps.db, [{ room: accountRoom(accountId), type: 'deployment:status', data }])
}
