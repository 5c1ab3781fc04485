import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sandbox } from './index.ts'
import { aSandbox, endOf, outputOf, runSource } from './testing/a-sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await aSandbox()
})
afterAll(async () => await sandbox.stop())

const run = (...args: Parameters<typeof runSource> extends [Sandbox, ...infer R] ? R : never) =>
  runSource(sandbox, ...args)

test('an agent gets its input and answers: the output is the text it wrote, byte for byte', async () => {
  const execution = await run('export default (input) => ({ twice: input.n * 2, text: "é\\n" })', { n: 21 })
  expect(execution).toMatchObject({ kind: 'succeeded', startedCold: true, logsTruncated: false, events: {} })
  expect(execution.kind === 'succeeded' && execution.outputJson.toString()).toBe('{"twice":42,"text":"é\\n"}')
})

test.each([
  ['throws', 'export default () => { throw new Error("no such column") }', 'AGENT_THREW'],
  ['throws what is no error', 'export default () => { throw { get message() { throw 1 } } }', 'AGENT_THREW'],
  [
    'rejects in the background',
    'export default () => { Promise.reject(new Error("later")); return new Promise((r) => setTimeout(r, 5000)) }',
    'AGENT_THREW',
  ],
  [
    'throws in a timer',
    'export default () => new Promise(() => setTimeout(() => { throw new Error("late") }))',
    'AGENT_THREW',
  ],
  ['exits', 'export default () => Deno.exit(0)', 'AGENT_EXITED'],
  ['exits like the memory killer', 'export default () => Deno.exit(137)', 'AGENT_EXITED'],
  ['exits while it is loaded', 'Deno.exit(3); export default () => 1', 'AGENT_EXITED'],
  ['awaits what cannot happen', 'export default () => new Promise(() => {})', 'AGENT_NEVER_SETTLED'],
  ['never finishes loading', 'await new Promise(() => {}); export default () => 1', 'AGENT_EXITED'],
  ['does not parse', 'export default (', 'AGENT_NOT_LOADABLE'],
  ['throws while it is loaded', 'throw new Error("at load"); export default () => 1', 'AGENT_NOT_LOADABLE'],
  ['exports nothing', 'export const a = 1', 'AGENT_NOT_LOADABLE'],
  [
    'hides itself behind an exported then',
    'export function then(resolve) { resolve({ default: () => "other" }) }; export default () => "one"',
    'AGENT_NOT_LOADABLE',
  ],
  [
    'imports from the host',
    'import a from "file:///etc/passwd" with { type: "json" }; export default () => a',
    'AGENT_NOT_LOADABLE',
  ],
  [
    'starts a privileged worker',
    'export default () => { new Worker("data:text/javascript,1", { type: "module", deno: { permissions: "inherit", env: true } }); return new Promise((r) => setTimeout(() => r(1), 3000)) }',
    'AGENT_EXITED',
  ],
  ['answers a cycle', 'export default () => { const a = {}; a.a = a; return a }', 'AGENT_OUTPUT_INVALID'],
  ['answers a BigInt', 'export default () => 1n', 'AGENT_OUTPUT_INVALID'],
  [
    'answers 65 levels',
    'export default () => { let a = 1; for (let i = 0; i < 65; i++) a = [a]; return a }',
    'AGENT_OUTPUT_INVALID',
  ],
  ['answers more than allowed', 'export default () => "x".repeat(1_000_001)', 'RUN_OUTPUT_TOO_LARGE'],
  [
    'eats memory',
    'export default () => { const a = []; for (;;) a.push(new Uint8Array(4e6).fill(1)) }',
    'RUN_OUT_OF_MEMORY',
  ],
  [
    'eats heap',
    'export default () => { const a = []; for (;;) a.push("x".repeat(100) + a.length) }',
    'RUN_OUT_OF_MEMORY',
  ],
  [
    'writes to standard output',
    'export default () => { Deno.stdout.writeSync(new TextEncoder().encode("hello\\n")); return 1 }',
    'AGENT_PROTOCOL_VIOLATION',
  ],
  [
    'forges a charge',
    'export default async () => { Deno.stdout.writeSync(new TextEncoder().encode(`{"t":"charge","event":"row","n":1}\\n`)); return 1 }',
    'AGENT_PROTOCOL_VIOLATION',
  ],
  [
    'forges its boot',
    'export default async () => { Deno.stdout.writeSync(new TextEncoder().encode(`{"t":"ready"}\\n`)); return 1 }',
    'AGENT_PROTOCOL_VIOLATION',
  ],
  [
    'reads a file it was not given',
    'export default async () => { Deno.stdout.writeSync(new TextEncoder().encode(`{"t":"read","request":0,"file":"/etc/passwd","offset":0,"length":10}\\n`)); return 1 }',
    'AGENT_PROTOCOL_VIOLATION',
  ],
  [
    'answers text that is not JSON',
    'export default async () => { Deno.stdout.writeSync(new TextEncoder().encode(`{"t":"result","bytes":3}\\n{]}`)); return 1 }',
    'AGENT_OUTPUT_INVALID',
  ],
  [
    'floods with frames',
    'export default async () => { const b = new TextEncoder().encode(`{"t":"progress","fraction":0,"message":""}\\n`.repeat(1000)); for (;;) Deno.stdout.writeSync(b) }',
    'AGENT_PROTOCOL_VIOLATION',
  ],
  ['fetches', 'export default async () => await (await fetch("https://example.com:8080/a")).text()', 'EGRESS_DENIED'],
  [
    'fetches through its context',
    'export default async (input, ctx) => await ctx.fetch("https://example.com/")',
    'EGRESS_DENIED',
  ],
])('an agent that %s ends with its code', async (_name, source, code) => {
  const execution = await run(source, null, { limits: { timeoutMs: 10_000, memoryMb: 64 } })
  expect(execution.kind === 'failed' ? execution.code : execution).toBe(code)
})

test('a refused connection names the host, and an agent may catch it and go on', async () => {
  const source =
    'export default async () => { try { await fetch("https://example.com/a") } catch (e) { return [e.code, e.message] } }'
  expect(outputOf(await run(source))).toEqual(['EGRESS_DENIED', expect.stringContaining('example.com')])
})

test('an agent that spins is ended at its deadline', async () => {
  const execution = await run('export default () => { for (;;); }', null, { limits: { timeoutMs: 300 } })
  expect(execution.kind).toBe('timed_out')
  expect(execution.timings.runMs).toBeLessThan(5_000)
})

test('an agent that uses more processor time than its limit is told apart from one that waits', async () => {
  const limits = { cpuMs: 200, timeoutMs: 15_000 }
  expect(endOf(await run('export default () => { for (;;); }', null, { limits }))).toBe('RUN_CPU_EXCEEDED')
  expect(endOf(await run('export default () => new Promise((r) => setTimeout(r, 1200))', null, { limits }))).toBe(
    'succeeded',
  )
})

test('a canceled run is told so through its signal, and killed when it does not care', async () => {
  const source =
    'export default (i, ctx) => new Promise((r) => { ctx.log.info("on"); ctx.signal.addEventListener("abort", () => r(1)); setTimeout(r, 8000) })'
  for (const each of [source, 'export default (i, ctx) => { ctx.log.info("on"); for (;;); }']) {
    const controller = new AbortController()
    const execution = await run(each, null, { signal: controller.signal, onLog: () => controller.abort() })
    expect(execution.kind).toBe('canceled')
  }
  expect((await run(source, null, { signal: AbortSignal.abort() })).kind).toBe('canceled')
})

test('stack traces name the agent, not its whole code', async () => {
  const execution = await run('function inner() { throw new Error("deep") }\nexport default () => inner()')
  expect(execution).toMatchObject({ message: 'deep', stack: expect.stringContaining('agent.js:1') })
  expect(execution.kind === 'failed' && execution.stack).not.toContain('base64')
})

test('logs arrive in order with levels and fields; console counts too; beyond the limit they are cut and marked', async () => {
  const heard: string[] = []
  const source =
    'export default (i, ctx) => { ctx.log.warn("one", { a: { b: 1 } }); console.log("two", { c: 3 }); for (let n = 0; n < 1000; n++) ctx.log.info("x".repeat(100)); return 1 }'
  const execution = await run(source, null, {
    limits: { maxLogBytes: 1_000 },
    onLog: (entry) => heard.push(entry.message),
  })
  expect(execution).toMatchObject({ kind: 'succeeded', logsTruncated: true })
  expect(execution.logs[0]).toMatchObject({ level: 'warn', message: 'one', fields: { a: { b: 1 } } })
  expect(execution.logs[1]).toMatchObject({ level: 'info', message: 'two { c: 3 }' })
  expect(execution.logs.length).toBeLessThan(10)
  expect(heard).toEqual(execution.logs.map((entry) => entry.message))
})

test('progress reaches the caller while the run goes on', async () => {
  const heard: [number, string][] = []
  const source =
    'export default async (i, ctx) => { ctx.progress(0.25, "reading"); await new Promise((r) => setTimeout(r, 80)); ctx.progress(1, "done"); return 1 }'
  await run(source, null, { onProgress: (fraction, message) => heard.push([fraction, message]) })
  expect(heard).toEqual([
    [0.25, 'reading'],
    [1, 'done'],
  ])
})

const PRICED = { events: { row: 100_000n }, capMicro: 1_000_000n }

test('charged events are counted; the one beyond the cap throws and is not counted', async () => {
  const source =
    'export default (i, ctx) => { for (let n = 0; n < 9; n++) ctx.charge("row"); try { ctx.charge("row", 2) } catch (e) { return e.code } }'
  const execution = await run(source, null, { charges: PRICED })
  expect(outputOf(execution)).toBe('CAP_REACHED')
  expect(execution.events).toEqual({ row: 9 })
})

test.each([
  ['an uncaught cap', 'ctx.charge("row", 11)', 'CAP_REACHED'],
  ['an unknown event', 'ctx.charge("toString")', 'AGENT_THREW'],
  ['a fraction of an event', 'ctx.charge("row", 0.5)', 'AGENT_THREW'],
  ['a negative count', 'ctx.charge("row", -1)', 'AGENT_THREW'],
  [
    'a forged charge beyond the cap',
    'Deno.stdout.writeSync(new TextEncoder().encode(`{"t":"charge","event":"row","n":11}\\n`))',
    'AGENT_PROTOCOL_VIOLATION',
  ],
])('%s charges nothing', async (_name, statement, code) => {
  const execution = await run(`export default (i, ctx) => { ${statement}; return 1 }`, null, { charges: PRICED })
  expect(endOf(execution)).toBe(code)
  expect(execution.events).toEqual({})
})

test('a file of 20 MB is streamed to the agent in pieces, within 64 MB of memory', async () => {
  const sizeBytes = 20_000_000
  const asked: number[] = []
  const file = {
    name: 'big.csv',
    type: 'text/csv',
    sizeBytes,
    read: async (offset: number, length: number) => {
      asked.push(length)
      return Buffer.alloc(length, offset % 251)
    },
  }
  const source =
    'export default async ({ csv }) => { let bytes = 0, pieces = 0; for await (const chunk of csv.stream()) { bytes += chunk.length; pieces++ } return { bytes, pieces, name: csv.name, type: csv.type, size: csv.size } }'
  const execution = await run(source, { csv: { $file: 'f' } }, { limits: { memoryMb: 64 } }, new Map([['f', file]]))
  expect(outputOf(execution)).toMatchObject({ bytes: sizeBytes, name: 'big.csv', type: 'text/csv', size: sizeBytes })
  expect(Math.max(...asked)).toBeLessThanOrEqual(1_048_576)
  expect(asked.length).toBeGreaterThan(20)
})

test('a file that cannot be read fails the run as ours, not as the agent’s', async () => {
  const file = { name: 'a', type: 'text/plain', sizeBytes: 10, read: () => Promise.reject(new Error('disk gone')) }
  const execution = await run(
    'export default async ({ a }) => await a.text()',
    { a: { $file: 'f' } },
    {},
    new Map([['f', file]]),
  )
  expect(endOf(execution)).toBe('SANDBOX_FAILED')
})

test('a large artifact that is refused is refused in words, and the run goes on', async () => {
  const stored: string[] = []
  const execution = await run(
    `export default async (input, ctx) => {
      const large = new Uint8Array(3_000_000)
      const said = await ctx.artifacts.put('a/b', large).catch((error) => error.message)
      await ctx.artifacts.put('fine', large)
      return said
    }`,
    null,
    {
      async storeArtifact({ name, content }) {
        let bytes = 0
        for await (const piece of content) bytes += piece.length
        stored.push(`${name} ${bytes}`)
      },
    },
  )
  expect(outputOf(execution)).toMatch(/^The name of an artifact is a file name/)
  expect(stored).toEqual(['fine 3000000'])
})

test('an artifact that is still being stored when its run is stopped is not wanted any more, and not charged', async () => {
  const controller = new AbortController()
  let isWanted: () => boolean = () => true
  const execution = await run(
    `export default async (input, ctx) => ctx.artifacts.put('paid', 'x', { charge: 'file' })`,
    null,
    {
      signal: controller.signal,
      charges: { events: { file: 1n }, capMicro: 10n },
      async storeArtifact(artifact) {
        ;({ isWanted } = artifact)
        expect(isWanted()).toBe(true)
        controller.abort()
        await new Promise(() => undefined)
      },
    },
  )
  expect([execution.kind, execution.delivered, execution.events]).toEqual(['canceled', 0, {}])
  expect(isWanted()).toBe(false)
})

test('an agent that patches what the harness could use is still heard correctly', async () => {
  const source = `JSON.stringify = () => '"forged"'; JSON.parse = () => 7; Array.prototype.push = () => 0; Map.prototype.get = () => 1
    Object.prototype.toJSON = undefined; Promise.prototype.then = function () { return this }; Uint8Array.prototype.subarray = () => new Uint8Array(1)
    TextEncoder.prototype.encode = () => new Uint8Array(3); globalThis.setTimeout = () => 0
    export default async (input, ctx) => { ctx.log.info('a'); return input }`
  expect(outputOf(await run(source, { n: 1 }))).toEqual({ n: 1 })
})

test('input text that is not JSON is refused before the agent sees it', async () => {
  const execution = await sandbox.executeAgentCode(
    { sha256: 'plain', source: 'export default (input) => input' },
    { json: '{"a":', files: new Map() },
    {
      runId: 'r',
      isolationKey: null,
      limits: { timeoutMs: 5_000, memoryMb: 64, maxOutputBytes: 100, maxLogBytes: 0 },
      charges: { events: {}, capMicro: 0n },
    },
  )
  expect(endOf(execution)).toBe('AGENT_INPUT_REJECTED')
})
