import { expect, test } from 'vitest'
import type { AgentManifest } from '../agents.schema.ts'
import { changesBetween } from './version-changes.ts'

const manifest: AgentManifest = {
  name: 'Profiler',
  description: '',
  input: {
    type: 'object',
    properties: { csv: { type: 'string', title: 'Table' }, sample: { type: 'integer', maximum: 100 } },
    required: ['csv'],
  },
  output: null,
  price: { runMicro: 2_000_000n, events: { column: 100_000n }, maxMicro: 12_000_000n },
  limits: { timeoutMs: 10_000, memoryMb: 128, cpuMs: 10_000 },
  egress: ['a.example'],
  secrets: [{ name: 'KEY', description: '', hosts: ['a.example'] }],
  idempotent: false,
  streams: false,
}
const changes = (facts: Partial<AgentManifest>, sha256 = 'aa') =>
  changesBetween({ manifest, sha256: 'aa' }, { manifest: { ...manifest, ...facts }, sha256 })

test('the same promises and the same code are no change; other words about them are none either', () => {
  expect(changes({})).toEqual([])
  const input = {
    type: 'object',
    properties: {
      csv: { title: 'Data', description: 'Columns', type: 'string' },
      sample: { maximum: 100, type: 'integer' },
    },
    required: ['csv'],
  }
  expect(changes({ name: 'Other', description: 'Better', input })).toEqual([])
})

test('what it costs, reaches, wants, takes and answers, and its bounds, are told one by one with before and after', () => {
  const after: Partial<AgentManifest> = {
    price: { runMicro: 3_000_000n, events: { row: 1n }, maxMicro: 12_000_000n },
    egress: ['b.example'],
    secrets: [{ name: 'KEY', description: '', hosts: ['b.example'] }],
    input: {
      type: 'object',
      properties: { csv: { type: 'string' }, sample: { type: 'integer', maximum: 10 } },
      required: ['csv', 'sample'],
    },
    output: { type: 'string' },
    limits: { timeoutMs: 20_000, memoryMb: 128, cpuMs: 10_000 },
  }
  expect(changes(after, 'bb').map(({ what, name, from, to }) => [what, name, from, to])).toEqual([
    ['price', 'run', '2', '3'],
    ['price', 'event column', '0.1', null],
    ['price', 'event row', null, '0.000001'],
    ['host', 'a.example', 'a.example', null],
    ['host', 'b.example', null, 'b.example'],
    ['secret', 'KEY', 'to a.example', 'to b.example'],
    ['input', 'sample', 'integer (maximum 100), optional', 'integer (maximum 10), required'],
    ['output', '', 'anything', 'string'],
    ['limit', 'time', '10000 ms', '20000 ms'],
    ['code', 'sha256', 'aa', 'bb'],
  ])
})

test('a field that is named like a member of every object is told like any other', () => {
  const input = { type: 'object', properties: { constructor: { type: 'string' } } }
  expect(changes({ input }).map(({ name }) => name)).toEqual(['csv', 'sample', 'constructor'])
})
