import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sandbox } from '../index.ts'
import { agentCode, aSandbox, endOf, outputOf, runSource } from '../testing/a-sandbox.ts'

const SDK = fileURLToPath(new URL('./sdk.ts', import.meta.url))

/** Bundles an agent's text as a deployment does: SDK and zod inside, nothing left to resolve. */
async function bundle(source: string): Promise<string> {
  const built = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    alias: { bureau: SDK },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2024',
    minify: true,
    write: false,
  })
  return built.outputFiles[0]?.text ?? ''
}

const PROFILER = `
import { defineAgent, file } from 'bureau'
import { z } from 'zod'
export default defineAgent({
  name: 'Counter',
  description: 'Counts lines',
  input: z.object({ csv: file({ accept: ['text/csv'], maxBytes: 100 }), sample: z.number().int().default(7) }),
  output: z.object({ lines: z.number().int(), sample: z.number(), name: z.string() }),
  price: { run: '2', events: { line: '0.1' }, max: '12' },
  limits: { timeoutMs: 1000, memoryMb: 64 },
  examples: [{ name: 'Sales', input: { csv: './sales.csv' } }],
  async run({ csv, sample }, ctx) {
    const lines = (await csv.text()).split('\\n').length
    ctx.charge('line', lines)
    return { lines: sample === 99 ? 'many' : lines, sample, name: csv.name }
  },
})`

let sandbox: Sandbox
let source: string
beforeAll(async () => {
  ;[sandbox, source] = await Promise.all([aSandbox(), bundle(PROFILER)])
})
afterAll(async () => await sandbox.stop())

const options = { isolationKey: 'k', charges: { events: { line: 100_000n }, capMicro: 10_000_000n } }

test('the manifest tells what a caller must know, a file input as a string of format bureau-file', async () => {
  const description = await sandbox.describeAgentCode(agentCode(source))
  expect(description).toMatchObject({
    ok: true,
    manifest: {
      contract: 1,
      name: 'Counter',
      description: 'Counts lines',
      input: {
        type: 'object',
        required: ['csv'],
        properties: {
          csv: { type: 'string', format: 'bureau-file', 'x-accept': ['text/csv'], 'x-max-bytes': 100 },
          sample: { type: 'integer', default: 7 },
        },
      },
      output: { type: 'object', required: ['lines', 'sample', 'name'] },
      price: { run: '2', events: { line: '0.1' }, max: '12' },
      limits: { timeoutMs: 1000, memoryMb: 64 },
      egress: [],
      streams: false,
      idempotent: false,
      examples: [{ name: 'Sales', input: { csv: './sales.csv' } }],
    },
  })
})

test('inline text and an uploaded file reach the agent alike, with defaults filled in', async () => {
  const inline = await runSource(sandbox, source, { csv: 'a\nb\nc' }, options)
  expect(outputOf(inline)).toEqual({ lines: 3, sample: 7, name: 'inline' })
  expect(inline.events).toEqual({ line: 3 })
  const text = Buffer.from('a\nb')
  const file = {
    name: 'up.csv',
    type: 'text/csv; charset=utf-8',
    sizeBytes: text.length,
    read: async (from: number, length: number) => text.subarray(from, from + length),
  }
  const uploaded = await runSource(sandbox, source, { csv: { $file: 'f' }, sample: 1 }, options, new Map([['f', file]]))
  expect(outputOf(uploaded)).toEqual({ lines: 2, sample: 1, name: 'up.csv' })
  const bytes = { $base64: Buffer.from('a\nb\nc\nd').toString('base64'), name: 'bytes.csv', type: 'text/csv' }
  const inBytes = await runSource(sandbox, source, { csv: bytes, sample: 2 }, options)
  expect(outputOf(inBytes)).toEqual({ lines: 4, sample: 2, name: 'bytes.csv' })
})

test.each([
  ['a missing file', {}, 'csv'],
  ['a number for a file', { csv: 5 }, 'csv'],
  ['a file the run does not have', { csv: { $file: 'other' } }, 'csv'],
  ['bytes that are none', { csv: { $base64: '%' } }, 'csv'],
  ['a file that is too large', { csv: 'x'.repeat(101) }, 'csv'],
  ['a fraction', { csv: 'a', sample: 1.5 }, 'sample'],
])('%s is refused with the field named, and the instance stays warm', async (_name, input, field) => {
  const execution = await runSource(sandbox, source, input, options)
  expect(execution).toMatchObject({
    kind: 'failed',
    code: 'AGENT_INPUT_REJECTED',
    issues: [{ path: field, message: expect.any(String) }],
  })
})

test('an answer against the agent’s own output schema fails with the field named', async () => {
  const execution = await runSource(sandbox, source, { csv: 'a', sample: 99 }, options)
  expect(endOf(execution)).toBe('AGENT_OUTPUT_INVALID')
  expect(execution).toMatchObject({ issues: [{ path: 'lines' }] })
})
