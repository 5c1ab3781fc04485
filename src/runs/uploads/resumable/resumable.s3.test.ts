import { randomBytes } from 'node:crypto'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { aDatabase } from '../../../../test/support/database.ts'
import { aWatchedS3, type WatchedS3 } from '../../../../test/support/s3.ts'
import { createS3Store } from '../../../files/s3-store.ts'
import type { Database } from '../../../platform/database.ts'
import { createLogger } from '../../../platform/logger.ts'
import { appendToUpload, beginUpload, getUploadState, giveUpUpload } from './resume-upload.ts'
import { aShelfOf, file, sent, uploadsGoOn, type ShelfStore } from './testing/uploads-go-on.ts'

const log = createLogger('silent')
let db: Database
beforeAll(async () => {
  ;({ db } = await aDatabase())
})

async function aBucket(): Promise<ShelfStore & { readonly s3: WatchedS3 }> {
  const s3 = await aWatchedS3()
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3
  const store = createS3Store(s3, { log })
  await store.start(AbortSignal.timeout(10_000))
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
  onTestFinished(async () => {
    client.destroy()
    await store.stop()
  })
  const objects = async () => (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount ?? 0
  return { store, objects, s3 }
}

uploadsGoOn(aBucket)

test('a file whose store fails at its end has lost nothing: asked for again it is whole, and no part of it is left', async () => {
  const { s3, ...bucket } = await aBucket()
  const { shelf, caller } = await aShelfOf(db, bucket)
  const bytes = randomBytes(20_000_000)
  const { id } = await beginUpload(shelf, caller, file(bytes.length))
  s3.refuse(/^PUT .*content\?partNumber=2/)
  const sending = appendToUpload(shelf, caller, id, { offset: 0, content: sent(bytes) })
  await expect(sending).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect([...s3.unfinished]).toEqual([])
  s3.refuse(null)
  expect(await getUploadState(shelf, caller, id)).toMatchObject({ receivedBytes: bytes.length, expiresAt: null })
  expect([await shelf.objects(), [...s3.unfinished]]).toEqual([1, []])
})

test('a file that is given up leaves nothing in the bucket', async () => {
  const { s3, ...bucket } = await aBucket()
  const { shelf, caller } = await aShelfOf(db, bucket)
  const { id } = await beginUpload(shelf, caller, file(20_000_000))
  const sending = appendToUpload(shelf, caller, id, { offset: 0, content: sent(randomBytes(12_000_000), 11_000_000) })
  await expect(sending).rejects.toMatchObject({ code: 'UPLOAD_INCOMPLETE' })
  expect(await shelf.objects()).toBe(2)
  await giveUpUpload(shelf, caller, id)
  expect([await shelf.objects(), [...s3.unfinished]]).toEqual([0, []])
})
