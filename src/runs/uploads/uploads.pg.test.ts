import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { aCaller, type Caller } from '../../../test/support/callers.ts'
import { aDatabase } from '../../../test/support/database.ts'
import { createDiskStore, type ObjectStore } from '../../files/index.ts'
import { EgressDenied, EgressFailed } from '../../sandbox/index.ts'
import { statement, type Database } from '../../platform/database.ts'
import type { InputPart } from '../input-parts.ts'
import { receiveJson, receiveMultipart, type ReceiveInputDeps } from '../receive-input.ts'
import type { UploadsDeps } from './store-upload.ts'
import { listUploads, receiveUpload, removeUpload } from './uploads.ts'

let db: Database
const EXPIRE = statement('test.expire_upload', `update uploads set expires_at = now() where id = $1`)
const page = { limit: 10, take: 11, after: null, fields: null }

beforeAll(async () => {
  ;({ db } = await aDatabase())
})

type Shelf = UploadsDeps & { readonly objects: () => Promise<string[]> }

/** Uploads into a store of their own, 1000 bytes a file and 2500 an account unless told otherwise. */
async function aShelf(quotaBytes = 2_500): Promise<Shelf> {
  const dir = await mkdtemp(join(tmpdir(), 'bureau-uploads-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const store: ObjectStore & { start(signal: AbortSignal): Promise<void> } = createDiskStore({ dir })
  await store.start(AbortSignal.timeout(5_000))
  const objects = async () =>
    (await readdir(dir, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).map((one) => one.name)
  return {
    db,
    store,
    arriving: new Map(),
    finishing: new Map(),
    limits: { maxBytes: 1_000, quotaBytes, ttlMs: 60_000, partialTtlMs: 60_000 },
    objects,
  }
}

async function* parts(...contents: readonly AsyncIterable<Uint8Array>[]): AsyncGenerator<InputPart> {
  for (const content of contents)
    yield {
      kind: 'file',
      name: 'file',
      fileName: 'a.csv',
      type: 'text/csv',
      content: Readable.from(content),
      wasCut: () => false,
    }
}

async function* bytes(total: number): AsyncGenerator<Uint8Array> {
  for (let left = total; left > 0; left -= 100) yield Buffer.alloc(Math.min(100, left), 'x')
}

async function* breaksOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('socket hang up')
}

async function* drips(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x')
  throw new EgressFailed('it took too long')
}

const upload = (shelf: Shelf, caller: Caller, size: number) =>
  receiveUpload(shelf, caller.principal, parts(bytes(size)))

const aPage: ReceiveInputDeps['download'] = async () => ({
  name: 'page.html',
  type: 'text/html',
  content: bytes(200),
})

const inputOf = (shelf: Shelf, caller: Caller, input: unknown, download = aPage) => {
  const deps: ReceiveInputDeps = { uploads: shelf, maxFiles: 3, download }
  const raw = Buffer.from(JSON.stringify(input))
  return receiveJson(deps, caller.accountId, raw, JSON.parse(raw.toString()))
}

test('an upload can be named in an input, by its own account, until it expires or is removed', async () => {
  const [shelf, caller, other] = [await aShelf(), await aCaller(db, 0n), await aCaller(db, 0n)]
  const { id, ...facts } = await upload(shelf, caller, 300)
  expect(facts).toMatchObject({ name: 'a.csv', type: 'text/csv', sizeBytes: 300 })
  const { input, value } = await inputOf(shelf, caller, { rows: [{ csv: { $upload: id } }], sample: 3 })
  expect(value).toEqual({
    rows: [{ csv: { $file: id, uploadId: id, name: 'a.csv', type: 'text/csv', sizeBytes: 300, sentAhead: true } }],
    sample: 3,
  })
  expect(Buffer.from((await input.files.get(id)?.read(290, 100)) ?? []).toString()).toBe('x'.repeat(10))
  await expect(inputOf(shelf, other, { csv: { $upload: id } })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
  await expect(removeUpload(shelf, other.principal, id)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
  await expect(inputOf(shelf, caller, { csv: { $upload: 'no id' } })).rejects.toMatchObject({
    code: 'UPLOAD_NOT_FOUND',
  })
  await db.execute(EXPIRE, [id])
  await expect(inputOf(shelf, caller, { csv: { $upload: id } })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' })
  const second = await upload(shelf, caller, 10)
  expect((await listUploads(shelf, caller.principal, page)).map((row) => row.id)).toEqual([second.id])
  await removeUpload(shelf, caller.principal, second.id)
  expect(await listUploads(shelf, caller.principal, page)).toEqual([])
})

test('a file that is too large, over quota or cut off is refused and leaves nothing', async () => {
  const [shelf, caller] = [await aShelf(), await aCaller(db, 0n)]
  await expect(upload(shelf, caller, 1_001)).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
  await expect(receiveUpload(shelf, caller.principal, parts(breaksOff()))).rejects.toMatchObject({
    code: 'UPLOAD_INCOMPLETE',
  })
  await expect(receiveUpload(shelf, caller.principal, parts())).rejects.toMatchObject({ code: 'UPLOAD_INVALID' })
  await expect(receiveUpload(shelf, caller.principal, parts(bytes(5), bytes(5)))).rejects.toMatchObject({
    code: 'UPLOAD_INVALID',
  })
  expect(await shelf.objects()).toEqual([])
  const kept = [await upload(shelf, caller, 1_000), await upload(shelf, caller, 1_000)]
  await expect(upload(shelf, caller, 501)).rejects.toMatchObject({
    code: 'UPLOAD_QUOTA_EXCEEDED',
    details: { quotaBytes: 2_500, usedBytes: 2_000 },
  })
  expect(await shelf.objects()).toHaveLength(2)
  await removeUpload(shelf, caller.principal, kept[0]?.id ?? '')
  await upload(shelf, caller, 501)
  expect(shelf.arriving.size).toBe(0)
})

test('uploads that arrive at once share one quota, in one process and in several', async () => {
  const [shelf, caller] = [await aShelf(), await aCaller(db, 0n)]
  // Each process counts what arrives at it by itself: only the booking is common to all.
  const processes: Shelf[] = Array.from({ length: 3 }, () => ({ ...shelf, arriving: new Map(), finishing: new Map() }))
  const all = Promise.withResolvers<void>()
  let waiting = 0
  async function* together(): AsyncGenerator<Uint8Array> {
    yield* bytes(1_000)
    if (++waiting === processes.length) all.resolve()
    await all.promise
  }
  const ended = await Promise.allSettled(
    processes.map((one) => receiveUpload(one, caller.principal, parts(together()))),
  )
  expect(ended.filter((one) => one.status === 'fulfilled')).toHaveLength(2)
  expect(ended.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'UPLOAD_QUOTA_EXCEEDED' })
  expect(await shelf.objects()).toHaveLength(2)
  const inOne = await Promise.allSettled([upload(shelf, caller, 400), upload(shelf, caller, 400)])
  expect(inOne.filter((one) => one.status === 'fulfilled').length).toBeLessThanOrEqual(1)
})

test('what arrives at once is counted together as it comes: beyond the quota it is refused before it fills the store', async () => {
  const [shelf, caller] = [await aShelf(500), await aCaller(db, 0n)]
  const isThere = Promise.withResolvers<void>()
  const mayEnd = Promise.withResolvers<void>()
  async function* slowly(): AsyncGenerator<Uint8Array> {
    yield* bytes(300)
    isThere.resolve()
    await mayEnd.promise
  }
  const first = receiveUpload(shelf, caller.principal, parts(slowly()))
  await isThere.promise
  await expect(upload(shelf, caller, 300)).rejects.toMatchObject({ code: 'UPLOAD_QUOTA_EXCEEDED' })
  mayEnd.resolve()
  expect(await first).toMatchObject({ sizeBytes: 300 })
})

test('an input by address is brought into the store once, and goes again if the run is not admitted', async () => {
  const [shelf, caller] = [await aShelf(), await aCaller(db, 0n)]
  const { value, discard } = await inputOf(shelf, caller, { page: { $url: 'https://example.com/' } })
  expect(value).toMatchObject({ page: { name: 'page.html', type: 'text/html', sizeBytes: 200 } })
  expect(await listUploads(shelf, caller.principal, page)).toHaveLength(1)
  await discard()
  expect(await shelf.objects()).toEqual([])
  for (const [download, problem] of [
    [() => Promise.reject(new EgressDenied('10.0.0.1', 'no')), '10.0.0.1 is not a place that files are taken from'],
    [async () => ({ ...(await aPage('')), content: drips() }), 'it took too long'],
  ] as const) {
    const failed = inputOf(shelf, caller, { a: { $url: 'https://a.test/' } }, download)
    await expect(failed).rejects.toMatchObject({
      code: 'INPUT_URL_FAILED',
      details: { problem: expect.stringContaining(problem) },
    })
  }
  expect(await shelf.objects()).toEqual([])
  const tooMany = { files: Array.from({ length: 4 }, () => ({ $url: 'https://example.com/' })) }
  await expect(inputOf(shelf, caller, tooMany)).rejects.toMatchObject({ code: 'INPUT_PART_INVALID' })
})

test.each([
  ['nested without end', '['.repeat(100_000), 'BODY_TOO_DEEP'],
  ['deep inside an object', `{"a":${'['.repeat(80)}${']'.repeat(80)}}`, 'BODY_TOO_DEEP'],
  ['with a key that every object has', '{"a":{"__proto__":{"b":1}}}', 'BODY_KEY_FORBIDDEN'],
  ['that is none', '{"a":', 'INPUT_PART_INVALID'],
])('the JSON of a multipart input is bound by what binds a JSON body: one %s is refused', async (_, value, code) => {
  const [shelf, caller] = [await aShelf(), await aCaller(db, 0n)]
  async function* form(): AsyncGenerator<InputPart> {
    yield* parts(bytes(100))
    yield { kind: 'field', name: 'input', value, isCut: false }
  }
  const deps: ReceiveInputDeps = { uploads: shelf, maxFiles: 3, download: aPage }
  await expect(receiveMultipart(deps, caller.accountId, form())).rejects.toMatchObject({ code })
  expect(await shelf.objects()).toEqual([])
})

test('a part of a multipart input that is cut, and one whose name every object has, are refused in words', async () => {
  const [shelf, caller] = [await aShelf(), await aCaller(db, 0n)]
  const deps: ReceiveInputDeps = { uploads: shelf, maxFiles: 3, download: aPage }
  async function* form(...given: readonly InputPart[]): AsyncGenerator<InputPart> {
    yield* given
  }
  const received = (...given: readonly InputPart[]) => receiveMultipart(deps, caller.accountId, form(...given))
  await expect(received({ kind: 'field', name: 'input', value: '{"a":"xx', isCut: true })).rejects.toMatchObject({
    details: { problem: expect.stringContaining('larger than this site takes') },
  })
  for await (const part of parts(bytes(10)))
    await expect(received({ ...part, name: '__proto__' })).rejects.toMatchObject({ code: 'INPUT_PART_INVALID' })
  expect(await shelf.objects()).toEqual([])
})
