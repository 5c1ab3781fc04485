import { Zip, ZipPassThrough } from 'fflate'
import type { ObjectStore } from '../../files/index.ts'
import type { Queryable } from '../../platform/database.ts'
import type { Principal } from '../../users/index.ts'
import { getRunRow } from '../get-run-row.ts'
import { runsErrors } from '../runs.errors.ts'
import type { ArtifactView, RunRow } from '../runs.schema.ts'
import { LIST_ARTIFACTS, type ArtifactRow } from './artifacts.queries.ts'

export type GetArtifactsDeps = { readonly db: Queryable; readonly store: Pick<ObjectStore, 'readRange'> }

const PIECE_BYTES = 1_048_576

/** An artifact counts as delivered, so a run that was canceled with one has been charged; any other end costs nothing,
 * and what is not paid is not given out. */
export const isPaid = (run: Pick<RunRow, 'status'>): boolean => run.status === 'succeeded' || run.status === 'canceled'

/** @param contentUntil when the run's whole content goes; files go with it, if not before */
export async function listArtifacts(
  db: Queryable,
  run: Pick<RunRow, 'id' | 'accountId' | 'status'>,
  contentUntil: Date | null,
): Promise<ArtifactView[]> {
  const rows = await db.query(LIST_ARTIFACTS, [run.accountId, run.id])
  return rows.filter(isShown(run)).map(({ name, type, sizeBytes, expiresAt }) => ({
    name,
    type,
    sizeBytes: Number(sizeBytes),
    url: `/api/runs/${run.id}/artifacts/${encodeURIComponent(name)}`,
    isPaid: isPaid(run),
    expiresAt: earlierOf(expiresAt, contentUntil)?.toISOString() ?? null,
  }))
}

/** Of a paid run only what was delivered; of any other, which gives nothing out, all that there is. */
const isShown =
  (run: Pick<RunRow, 'status'>) =>
  (artifact: ArtifactRow): boolean =>
    !isPaid(run) || !artifact.isWithheld

function earlierOf(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}

export type FoundArtifact = {
  readonly sizeBytes: number
  readonly type: string
  /** From `start` to before `end`. */
  read(start: number, end: number): AsyncIterable<Uint8Array>
}

/** @throws RUN_NOT_FOUND, ARTIFACT_NOT_FOUND, ARTIFACT_NOT_PAID */
export async function getArtifact(
  deps: GetArtifactsDeps,
  caller: Principal,
  runId: string,
  name: string,
): Promise<FoundArtifact> {
  const found = (await paidArtifacts(deps, caller, runId)).find((row) => row.name === name)
  if (found === undefined) throw runsErrors.ARTIFACT_NOT_FOUND({ name })
  return {
    sizeBytes: Number(found.sizeBytes),
    type: found.type,
    read: (start, end) => piecesOf(deps.store, found.objectKey, start, end),
  }
}

/** All artifacts of a run as one archive, made while it is read. Not compressed: what is large is so already.
 * @throws RUN_NOT_FOUND, ARTIFACT_NOT_FOUND where there is none, ARTIFACT_NOT_PAID */
export async function zipArtifacts(
  deps: GetArtifactsDeps,
  caller: Principal,
  runId: string,
): Promise<AsyncIterable<Uint8Array>> {
  const rows = await paidArtifacts(deps, caller, runId)
  if (rows.length === 0) throw runsErrors.ARTIFACT_NOT_FOUND({ name: 'any' })
  return archiveOf(deps, rows)
}

async function paidArtifacts(deps: GetArtifactsDeps, caller: Principal, runId: string): Promise<ArtifactRow[]> {
  const run = await getRunRow(deps, caller, runId)
  const rows = await deps.db.query(LIST_ARTIFACTS, [run.accountId, run.id])
  if (rows.length > 0 && !isPaid(run)) throw runsErrors.ARTIFACT_NOT_PAID({ status: run.status })
  return rows.filter(isShown(run))
}

async function* archiveOf(deps: GetArtifactsDeps, rows: readonly ArtifactRow[]): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = []
  let fault: Error | null = null
  const zip = new Zip((error, bytes) => {
    if (error !== null) fault = error
    else ready.push(bytes)
  })
  function* taken(): Generator<Uint8Array> {
    if (fault !== null) throw fault
    const now = ready
    ready = []
    yield* now
  }
  for (const row of rows) {
    const file = new ZipPassThrough(row.name)
    zip.add(file)
    for await (const piece of piecesOf(deps.store, row.objectKey, 0, Number(row.sizeBytes))) {
      file.push(piece)
      yield* taken()
    }
    file.push(new Uint8Array(0), true)
    yield* taken()
  }
  zip.end()
  yield* taken()
}

async function* piecesOf(
  store: GetArtifactsDeps['store'],
  key: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const piece = await store.readRange(key, at, Math.min(PIECE_BYTES, end - at))
    if (piece.byteLength === 0) return
    at += piece.byteLength
    yield piece
  }
}
