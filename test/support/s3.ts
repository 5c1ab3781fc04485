import { randomBytes } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { buildApp } from 'fauxqs'
import { atEndOfFile } from './each-file.ts'

export type TestS3 = {
  /** `http://127.0.0.1:PORT`; buckets by path. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Also called at the end of the file. */
  stop(): Promise<void>
}

/** An S3 server with an empty bucket, in this process. Its own start function listens on all interfaces, so only the
 * application is taken from it. */
export async function anS3(): Promise<TestS3> {
  const app = buildApp({ logger: false, host: '127.0.0.1' })
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 })
  const bucket = `bureau-${randomBytes(4).toString('hex')}`
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= app.close())
  atEndOfFile(stop)
  return { endpoint, region: 'us-east-1', bucket, ...credentials, stop }
}
