import { defineAgent, file } from 'bureau'
import { z } from 'zod'
import { profileCsv } from './profile-csv.ts'

const numbers = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  standardDeviation: z.number().describe('Of a sample (n - 1)'),
  q1: z.number(),
  median: z.number(),
  q3: z.number(),
  p95: z.number(),
  zeros: z.number().int(),
  negatives: z.number().int(),
  outliers: z
    .object({ count: z.number().int(), low: z.number(), high: z.number(), examples: z.array(z.number()) })
    .describe('Outside 1.5 interquartile ranges beyond the quartiles'),
})

const column = z.object({
  name: z.string(),
  type: z.enum(['integer', 'number', 'boolean', 'date', 'datetime', 'text', 'mixed', 'empty']),
  typeShare: z.number().describe('Part of the values that is of this type'),
  values: z.number().int(),
  missing: z.number().int(),
  distinct: z.number().int(),
  isDistinctExact: z.boolean().describe('False where there were too many different values to count them all'),
  isUnique: z.boolean().describe('Every value is met once: a possible key'),
  topValues: z.array(z.object({ value: z.string(), count: z.number().int() })),
  shortest: z.number().int().nullable().describe('Characters'),
  longest: z.number().int().nullable().describe('Characters'),
  earliest: z.string().nullable(),
  latest: z.string().nullable(),
  numbers: numbers.nullable(),
})

/** Tells what is in a CSV file before anyone trusts it. */
export default defineAgent({
  name: 'CSV profiler',
  description:
    'Reads a CSV file and tells what is in it: the type of each column, missing and doubled values, quantiles, outliers, and what looks wrong. Finds delimiter and header by itself.',
  category: 'data',
  icon: 'file-spreadsheet',
  view: 'json',
  input: z.object({
    csv: file({
      accept: ['text/csv', 'text/plain', 'application/vnd.ms-excel', 'application/octet-stream'],
      maxBytes: 20_000_000,
    }),
    delimiter: z.enum([',', ';', '\t', '|']).optional().describe('Found by itself where left out'),
    header: z.boolean().optional().describe('Is the first row the names? Found by itself where left out'),
  }),
  output: z.object({
    rows: z.number().int(),
    delimiter: z.string(),
    hasHeader: z.boolean(),
    raggedRows: z.number().int().describe('Rows with more or fewer fields than most'),
    firstRaggedRow: z.number().int().nullable(),
    duplicateRows: z.number().int(),
    columns: z.array(column),
    notes: z.array(z.string()).describe('What to look at first'),
  }),
  price: { run: '2', events: { column: '0.1' }, max: '12' },
  limits: { timeoutMs: 30_000, memoryMb: 256 },
  idempotent: true,
  examples: [{ name: 'Sales of a small shop', input: { csv: './sales.csv' } }],
  async run({ csv, delimiter, header }, ctx) {
    ctx.log.info('reading', { name: csv.name, sizeBytes: csv.size })
    const profile = await profileCsv(piecesOf(csv.stream()), {
      delimiter: delimiter ?? null,
      hasHeader: header ?? null,
      limits: { maxDistinct: 10_000, maxNumbers: 50_000 },
      onColumns: (count) => ctx.charge('column', count),
      onRead: (chars) => ctx.progress(Math.min(0.99, chars / Math.max(csv.size, 1)), 'reading'),
    })
    ctx.log.info('done', { rows: profile.rows, columns: profile.columns.length })
    return profile
  },
})

/** The text of a stream of UTF-8, or of Latin-1 where the first piece is not UTF-8. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  for await (const chunk of stream) {
    decoder ??= decoderFor(chunk)
    yield decoder.decode(chunk, { stream: true })
  }
  if (decoder !== undefined) yield decoder.decode()
}

function decoderFor(first: Uint8Array): InstanceType<typeof TextDecoder> {
  if (first[0] === 0xff && first[1] === 0xfe) return new TextDecoder('utf-16le')
  try {
    // `stream`: a character cut at the end of the piece is no fault.
    new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true })
    return new TextDecoder('utf-8')
  } catch {
    return new TextDecoder('windows-1252')
  }
}
