import type { ObjectStore } from '../../files/index.ts'
import type { Queryable } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import type { ArtifactContent } from '../../sandbox/index.ts'
import { DELETE_ARTIFACT } from '../retention/retention.queries.ts'
import { INSERT_ARTIFACT } from './artifacts.queries.ts'

export type StoreArtifactDeps = {
  readonly db: Queryable
  readonly store: ObjectStore
  readonly artifactTtlMs: number
}

/** Puts what an agent made into the object store as it arrives. The row comes after the object and names it; an object
 * whose row could not be written is removed. The row is withheld: what is given out is said at the end of the run, of what
 * was delivered ({@link giveOutArtifacts}). A run that is stopped meanwhile is settled without this, so then it goes as well.
 * @returns the artifact's id
 * @throws Error also where the run ended first */
export async function storeArtifact(
  deps: StoreArtifactDeps,
  run: { readonly accountId: string; readonly runId: string },
  artifact: ArtifactContent,
): Promise<string> {
  const id = newUuidV7()
  const key = `artifacts/${run.accountId}/${run.runId}/${id}`
  const written = await deps.store.put(key, artifact.content, { contentType: 'application/octet-stream' })
  try {
    const inserted = await deps.db.execute(INSERT_ARTIFACT, [
      run.accountId,
      id,
      run.runId,
      artifact.name,
      artifact.type,
      written.sizeBytes,
      written.sha256,
      key,
      deps.artifactTtlMs,
    ])
    if (inserted === 0 || !artifact.isWanted()) throw new Error('The run ended before its artifact was stored')
    return id
  } catch (error) {
    // What cannot be removed now is withheld, and goes when it expires.
    await deps.store
      .delete(key)
      .then(() => deps.db.execute(DELETE_ARTIFACT, [run.accountId, id]))
      .catch(() => undefined)
    throw error
  }
}
