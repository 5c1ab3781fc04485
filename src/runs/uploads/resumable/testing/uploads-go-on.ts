import { createHash, randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { aCaller } from '../../../../../test/support/callers.ts'
import { aDatabase } from '../../../../../test/support/database.ts'
import type { ObjectStore } from '../../../../files/index.ts'
import { statement, type Database } from '../../../../platform/database.ts'
import type { Principal } from '../../../../users/index.ts'
import type { UploadsDeps } from '../../store-upload.ts'
import { FIND_UPLOADS } from '../../uploads.queries.ts'
import { appendToUpload, beginUpload, getUploadState, removeLeftParts } from '../resume-upload.ts'

/** A store as a test of uploads sees it. */
export type ShelfStore = {
  readonly store: ObjectStore
  /** How many objects are there, of which only a test asks. */
  readonly objects: () => Promise<number>
}
export type Shelf = UploadsDeps & Pick<ShelfStore, 'objects'>

const EXPIRE = statement('test.expire_partial', 'update partial_uploads set expires_at = now() where id = $1')
const ROWS = statement<{ partial: bigint; parts: bigint }>(
  'test.partial_rows',
  `select (select count(*) from partial_uploads where account_id = $1) as partial,
     (select count(*) from upload_parts where account_id = $1) as parts`,
)

/** As a connection gives it: pieces of odd sizes, and an error where it breaks. */
export async function* sent(bytes: Uint8Array, breaksAt = Infinity): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + 1 + Math.floor(Math.random() * 70_000), bytes.length)
    if (end > breaksAt) {
      yield bytes.subarray(at, breaksAt)
      throw new Error('aborted')
    }
    yield bytes.subarray(at, end)
    at = end
  }
}

export const file = (sizeBytes: number) => ({ name: 'film.bin', type: 'video/mp4', sizeBytes })

export async function aShelfOf(
  db: Database,
  { store, objects }: ShelfStore,
  quotaBytes = 100_000_000,
): Promise<{ readonly shelf: Shelf; readonly caller: Principal }> {
  const limits = { maxBytes: 50_000_000, quotaBytes, ttlMs: 60_000, partialTtlMs: 60_000 }
  return {
    shelf: { db, store, arriving: new Map(), finishing: new Map(), limits, objects },
    caller: (await aCaller(db, 0n)).principal,
  }
}

/** What files that come in pieces promise, whatever store they lie in. Called from a test file of each. */
export function uploadsGoOn(open: () => Promise<ShelfStore>): void {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await aDatabase())
  })
  const aShelf = async () => aShelfOf(db, await open())

  test('cut at random bytes and gone on with, a file is the same to the last bit, and its pieces are gone', async () => {
    const { shelf, caller } = await aShelf()
    const bytes = randomBytes(20_000_000)
    const { id } = await beginUpload(shelf, caller, file(bytes.length))
    let offset = 0
    let cuts = 0
    while (offset < bytes.length) {
      const rest = bytes.subarray(offset)
      const breaksAt = cuts < 6 ? Math.floor(Math.random() * rest.length) : Infinity
      const sending = appendToUpload(shelf, caller, id, { offset, content: sent(rest, breaksAt) })
      if (breaksAt < Infinity) {
        await expect(sending).rejects.toMatchObject({ code: 'UPLOAD_INCOMPLETE' })
        cuts += 1
        const state = await getUploadState(shelf, caller, id)
        // Every byte that had come before the cut is there.
        expect(state).toMatchObject({ receivedBytes: offset + breaksAt, sizeBytes: bytes.length })
        offset = state.receivedBytes
      } else offset = (await sending).receivedBytes
    }
    const [row] = await db.query(FIND_UPLOADS, [caller.accountId, [id]])
    expect(row).toMatchObject({ name: 'film.bin', type: 'video/mp4', sizeBytes: 20_000_000n })
    expect(row?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(await shelf.objects()).toBe(1)
    expect(await db.query(ROWS, [caller.accountId])).toEqual([{ partial: 0n, parts: 0n }])
    expect(await getUploadState(shelf, caller, id)).toMatchObject({ receivedBytes: bytes.length, expiresAt: null })
  })

  test('two senders of the same piece: one of them wins, nothing stands twice', async () => {
    const { shelf, caller } = await aShelf()
    const bytes = randomBytes(300_000)
    const { id } = await beginUpload(shelf, caller, file(bytes.length))
    const both = await Promise.allSettled([
      appendToUpload(shelf, caller, id, { offset: 0, content: sent(bytes) }),
      appendToUpload(shelf, caller, id, { offset: 0, content: sent(bytes) }),
    ])
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'UPLOAD_OFFSET_CONFLICT' })
    const [row] = await db.query(FIND_UPLOADS, [caller.accountId, [id]])
    expect(row?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(await shelf.objects()).toBe(1)
  })

  test('what two senders bring twice lies once in the store, also while the rest is awaited', async () => {
    const { shelf, caller } = await aShelf()
    const { id } = await beginUpload(shelf, caller, file(1_000))
    const half = () => appendToUpload(shelf, caller, id, { offset: 0, content: sent(Buffer.alloc(500)) })
    const both = await Promise.allSettled([half(), half()])
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(await shelf.objects()).toBe(1)
  })

  test('a file that nobody goes on with is removed with its pieces; one that goes on is left alone', async () => {
    const { shelf, caller } = await aShelf()
    const [left, going] = [await beginUpload(shelf, caller, file(1_000)), await beginUpload(shelf, caller, file(1_000))]
    for (const { id } of [left, going])
      await appendToUpload(shelf, caller, id, { offset: 0, content: sent(Buffer.alloc(600)) })
    await db.execute(EXPIRE, [left.id])
    await expect(getUploadState(shelf, caller, left.id)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
    expect(await removeLeftParts(shelf, new AbortController().signal)).toBe(1)
    expect(await shelf.objects()).toBe(1)
    expect(await getUploadState(shelf, caller, going.id)).toMatchObject({ receivedBytes: 600 })
  })
}
