import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { aCaller } from '../../../../test/support/callers.ts'
import { aDatabase } from '../../../../test/support/database.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import { createDiskStore, type ObjectStore } from '../../../files/index.ts'
import type { Database } from '../../../platform/database.ts'
import { receiveUpload } from '../uploads.ts'
import { FIND_UPLOADS } from '../uploads.queries.ts'
import { cutIntoParts } from './cut-into-parts.ts'
import { appendToUpload, beginUpload, getUploadState, giveUpUpload } from './resume-upload.ts'
import { aShelfOf, file, sent, uploadsGoOn, type ShelfStore } from './testing/uploads-go-on.ts'

let db: Database
beforeAll(async () => {
  ;({ db } = await aDatabase())
})

async function aDisk(): Promise<ShelfStore> {
  const dir = await mkdtemp(join(tmpdir(), 'bureau-resumable-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const store = createDiskStore({ dir })
  await store.start(AbortSignal.timeout(5_000))
  const objects = async (): Promise<number> =>
    (await readdir(dir, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).length
  return { store, objects }
}

async function aShelf(quotaBytes?: number, wrap: (store: ObjectStore) => ObjectStore = (store) => store) {
  const disk = await aDisk()
  return aShelfOf(db, { ...disk, store: wrap(disk.store) }, quotaBytes)
}

uploadsGoOn(aDisk)

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

test('a file that is asked for again and again while it is made whole is made once', async () => {
  let writes = 0
  const isAsked = Promise.withResolvers<void>()
  const { shelf, caller } = await aShelf(100_000_000, (store) => ({
    ...store,
    async put(key, content, facts) {
      if (key.endsWith('/content')) {
        writes += 1
        await isAsked.promise
      }
      return store.put(key, content, facts)
    },
  }))
  const bytes = randomBytes(100_000)
  const { id } = await beginUpload(shelf, caller, file(bytes.length))
  const sending = appendToUpload(shelf, caller, id, { offset: 0, content: sent(bytes) })
  await eventually(() => expect(writes).toBe(1), { withinMs: 5_000 })
  let answers = 0
  const asking = Array.from({ length: 20 }, () => getUploadState(shelf, caller, id).then(() => (answers += 1)))
  // Each has looked at the row by then.
  await shelf.db.query(FIND_UPLOADS, [caller.accountId, [id]])
  expect(answers).toBe(0)
  isAsked.resolve()
  await Promise.all([sending, ...asking])
  expect([writes, shelf.finishing.size]).toEqual([1, 0])
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
