import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { aCaller } from '../../../../test/support/callers.ts'
import { aDatabase } from '../../../../test/support/database.ts'
import { createDiskStore, type ObjectStore } from '../../../files/index.ts'
import { statement, type Database } from '../../../platform/database.ts'
import { receiveUpload } from '../uploads.ts'
import type { UploadsDeps } from '../store-upload.ts'
import { FIND_UPLOADS } from '../uploads.queries.ts'
import { cutIntoParts } from './cut-into-parts.ts'
import { appendToUpload, beginUpload, getUploadState, giveUpUpload, removeLeftParts } from './resume-upload.ts'

let db: Database
const EXPIRE = statement('test.expire_partial', 'update partial_uploads set expires_at = now() where id = $1')
const ROWS = statement<{ partial: bigint; parts: bigint }>(
  'test.partial_rows',
  `select (select count(*) from partial_uploads where account_id = $1) as partial,
     (select count(*) from upload_parts where account_id = $1) as parts`,
)

beforeAll(async () => {
  ;({ db } = await aDatabase())
})

type Shelf = UploadsDeps & { readonly objects: () => Promise<number> }

async function aShelf(quotaBytes = 100_000_000, wrap: (store: ObjectStore) => ObjectStore = (store) => store) {
  const dir = await mkdtemp(join(tmpdir(), 'bureau-resumable-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const store = createDiskStore({ dir })
  await store.start(AbortSignal.timeout(5_000))
  const objects = async (): Promise<number> =>
    (await readdir(dir, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).length
  const limits = { maxBytes: 50_000_000, quotaBytes, ttlMs: 60_000, partialTtlMs: 60_000 }
  const shelf: Shelf = { db, store: wrap(store), arriving: new Map(), limits, objects }
  return { shelf, caller: (await aCaller(db, 0n)).principal }
}

/** As a connection gives it: pieces of odd sizes, and an error where it breaks. */
async function* sent(bytes: Uint8Array, breaksAt = Infinity): AsyncGenerator<Uint8Array> {
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

const file = (sizeBytes: number) => ({ name: 'film.bin', type: 'video/mp4', sizeBytes })

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

test('a wrong offset, more than was announced, and a stranger are refused, and what had arrived stays', async () => {
  const { shelf, caller } = await aShelf()
  const stranger = (await aCaller(db, 0n)).principal
  const { id } = await beginUpload(shelf, caller, file(1_000))
  await appendToUpload(shelf, caller, id, { offset: 0, content: sent(Buffer.alloc(400)) })
  const at = (offset: number, size: number) =>
    appendToUpload(shelf, caller, id, { offset, content: sent(Buffer.alloc(size)) })
  await expect(at(0, 10)).rejects.toMatchObject({ code: 'UPLOAD_OFFSET_CONFLICT', details: { received: 400 } })
  await expect(at(400, 601)).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
  await expect(getUploadState(shelf, stranger, id)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
  await expect(giveUpUpload(shelf, stranger, id)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
  expect(await getUploadState(shelf, caller, id)).toMatchObject({ receivedBytes: 400 })
  await giveUpUpload(shelf, caller, id)
  expect(await shelf.objects()).toBe(0)
  await expect(at(400, 10)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
})

test('an announced file counts whole against the quota, of files in pieces and of others alike', async () => {
  const { shelf, caller } = await aShelf(2_500)
  const { id } = await beginUpload(shelf, caller, file(2_000))
  await expect(beginUpload(shelf, caller, file(501))).rejects.toMatchObject({ code: 'UPLOAD_QUOTA_EXCEEDED' })
  const whole = receiveUpload(shelf, caller, parts(Buffer.alloc(501)))
  await expect(whole).rejects.toMatchObject({ code: 'UPLOAD_QUOTA_EXCEEDED' })
  await receiveUpload(shelf, caller, parts(Buffer.alloc(500)))
  await appendToUpload(shelf, caller, id, { offset: 0, content: sent(Buffer.alloc(2_000)) })
  await expect(beginUpload(shelf, caller, file(1))).rejects.toMatchObject({ code: 'UPLOAD_QUOTA_EXCEEDED' })
  await expect(beginUpload(shelf, caller, file(50_000_001))).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
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

test('a file whose last piece arrived without becoming whole becomes so when it is next asked for', async () => {
  let failures = 1
  const { shelf, caller } = await aShelf(100_000_000, (store) => ({
    ...store,
    // The process died here: all pieces are there, the file is not.
    put: (key, content, facts) =>
      key.endsWith('/content') && failures-- > 0 ? Promise.reject(new Error('died')) : store.put(key, content, facts),
  }))
  const bytes = randomBytes(100_000)
  const { id } = await beginUpload(shelf, caller, file(bytes.length))
  await expect(appendToUpload(shelf, caller, id, { offset: 0, content: sent(bytes) })).rejects.toThrow('died')
  expect(await getUploadState(shelf, caller, id)).toMatchObject({ receivedBytes: 100_000, expiresAt: null })
  const [row] = await db.query(FIND_UPLOADS, [caller.accountId, [id]])
  expect(row?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
})

test('a stream is cut into parts of the size asked for, whatever sizes it comes in', async () => {
  const bytes = randomBytes(1_000_003)
  const cut = cutIntoParts(sent(bytes), 100_000)
  const found: Buffer[] = []
  for (let part = await cut.next(); part !== null; part = await cut.next())
    found.push(Buffer.concat(await collect(part)))
  expect(found.map((part) => part.length)).toEqual([...Array(10).fill(100_000), 3])
  expect(Buffer.concat(found).equals(bytes)).toBe(true)
})

async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return chunks
}

async function* parts(bytes: Buffer) {
  const content = Readable.from([bytes])
  yield { kind: 'file', name: 'file', fileName: 'a', type: 'text/csv', content, wasCut: () => false } as const
}
