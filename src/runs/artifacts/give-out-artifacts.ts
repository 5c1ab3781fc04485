import { setTimeout as pause } from 'node:timers/promises'
import type { Queryable } from '../../platform/database.ts'
import { GIVE_OUT_ARTIFACTS } from './artifacts.queries.ts'

/** As long as a settlement waits for the database. */
const PATIENCE_MS = 60_000
const RETRY_MS = 200

/** Says of artifacts that they were delivered, right before the run is settled: until then their rows are withheld, so
 * that whatever fails or dies on the way gives nothing out that is in no receipt. Does nothing where the run is not this
 * process's any more.
 * @throws Error where the database does not answer: then the run must not be settled as paid */
export async function giveOutArtifacts(
  deps: { readonly db: Queryable; readonly ownerId: string },
  run: { readonly accountId: string; readonly runId: string },
  artifactIds: readonly string[],
): Promise<void> {
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; await pause(RETRY_MS)) {
    try {
      await deps.db.execute(GIVE_OUT_ARTIFACTS, [run.accountId, run.runId, artifactIds, deps.ownerId])
      return
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
    }
  }
}
