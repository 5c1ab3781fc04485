import { networkInterfaces } from 'node:os'
import { once } from 'node:events'
import { connect } from 'node:net'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { anS3 } from './s3.ts'

test('an object put into the bucket comes back', async () => {
  const s3 = await anS3()
  const { accessKeyId, secretAccessKey, endpoint, region, bucket: Bucket } = s3
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
  await client.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'hello' }))
  const found = await client.send(new GetObjectCommand({ Bucket, Key: 'a/b' }))
  expect(await found.Body?.transformToString()).toBe('hello')
  client.destroy()
})

test('nobody outside this machine can reach it', async () => {
  const s3 = await anS3()
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((found) => found && !found.internal && found.family === 'IPv4')
  // A machine without a network has no outside.
  if (outside === undefined) return
  const socket = connect(Number(new URL(s3.endpoint).port), outside.address)
  await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED')
})
