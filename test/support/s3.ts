import { randomBytes } from 'node:crypto'
import { createServer, request, type IncomingMessage } from 'node:http'
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

export type WatchedS3 = TestS3 & {
  /** Every request that was let through: method, path with query, and bytes of its body. */
  readonly asked: readonly { readonly what: string; readonly bytes: number }[]
  /** Multipart uploads that were begun, and neither made an object nor were dropped: id to key. */
  readonly unfinished: Map<string, { readonly key: string; initiated: Date }>
  /** Answered with 503 from now on, as often as it is asked. */
  refuse(what: RegExp | null): void
}

/** The same behind a door that sees and refuses requests. It also lists unfinished multipart uploads, which the server
 * itself cannot. */
export async function aWatchedS3(): Promise<WatchedS3> {
  const s3 = await anS3()
  const asked: { what: string; bytes: number }[] = []
  const unfinished = new Map<string, { readonly key: string; initiated: Date }>()
  let refused: RegExp | null = null
  const door = createServer((req, res) => {
    void (async () => {
      const what = `${req.method} ${req.url}`
      const body = await bytesOf(req)
      if (refused?.test(what) === true) return void res.writeHead(503).end()
      asked.push({ what, bytes: body.byteLength })
      const { pathname, searchParams } = new URL(req.url ?? '/', s3.endpoint)
      const key = decodeURIComponent(pathname.split('/').slice(2).join('/'))
      if (req.method === 'GET' && key === '' && searchParams.has('uploads'))
        return void res.writeHead(200, { 'content-type': 'application/xml' }).end(listed(unfinished))
      const answer = await forwarded(s3.endpoint, req, body)
      const text = answer.body.toString('utf8')
      const begun = /<UploadId>([^<]+)<\/UploadId>/.exec(text)?.[1]
      if (begun !== undefined) unfinished.set(begun, { key, initiated: new Date() })
      const isOver = req.method === 'DELETE' || (req.method === 'POST' && text.includes('<CompleteMultipart'))
      if (isOver && answer.status < 300) unfinished.delete(searchParams.get('uploadId') ?? '')
      res.writeHead(answer.status, answer.headers).end(answer.body)
    })().catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => void door.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => {
    door.closeAllConnections()
    await new Promise((resolve) => door.close(resolve))
  })
  const address = door.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return { ...s3, endpoint, asked, unfinished, refuse: (what) => void (refused = what) }
}

function listed(unfinished: WatchedS3['unfinished']): string {
  const uploads = [...unfinished].map(
    ([id, { key, initiated }]) =>
      `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
  )
  return `<?xml version="1.0"?><ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function forwarded(endpoint: string, req: IncomingMessage, body: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(new URL(req.url ?? '/', endpoint), { method: req.method, headers: req.headers }, resolve)
    .on('error', reject)
    .end(body)
  return promise.then(async (answer) => ({
    status: answer.statusCode ?? 502,
    headers: answer.headers,
    body: await bytesOf(answer),
  }))
}
