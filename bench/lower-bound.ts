/** The least a service could do that keeps a record of each run: `node:http`, one INSERT, the "agent" (an echo in this
 * process), one UPDATE, both by `pg` with named statements. No isolation, no money, no authentication, no validation
 * beyond JSON. Usage: `node bench/lower-bound.ts DATABASE_URL POOL_SIZE`; prints its port as the first line, ends when
 * its standard input ends. */
import { createServer } from 'node:http'
import { Pool } from 'pg'
import { newUuidV7 } from '../src/platform/ids.ts'

const [databaseUrl, poolSize] = process.argv.slice(2)
if (databaseUrl === undefined || poolSize === undefined) throw new Error('usage: lower-bound.ts DATABASE_URL POOL_SIZE')

const pool = new Pool({ connectionString: databaseUrl, max: Number(poolSize), idleTimeoutMillis: 0 })
pool.on('error', (error) => process.stderr.write(`${error.message}\n`))

const INSERT = {
  name: 'lower_bound.insert',
  text: `insert into lower_bound_runs (id, account_id, status, input) values ($1, $2, 'running', $3)`,
}
const UPDATE = {
  name: 'lower_bound.update',
  text: `update lower_bound_runs set status = 'succeeded', output = $2, finished_at = now() where id = $1`,
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    run(Buffer.concat(chunks)).then(
      (answer) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
        response.end(answer)
      },
      (error: unknown) => {
        response.writeHead(500)
        response.end(error instanceof Error ? error.message : 'unknown')
      },
    )
  })
})

async function run(body: Buffer): Promise<string> {
  const runId = newUuidV7()
  const input: unknown = JSON.parse(body.toString())
  await pool.query({ ...INSERT, values: [runId, 'account', body] })
  const output = JSON.stringify(input)
  await pool.query({ ...UPDATE, values: [runId, Buffer.from(output)] })
  return `{"runId":"${runId}","status":"succeeded","output":${output}}`
}

server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
