import { z } from 'zod'

const change = z.object({
  what: z.enum(['code', 'input', 'output', 'price', 'host', 'secret', 'limit']),
  name: z.string().describe('Of what: a field, an event, a host; empty for the whole'),
  from: z.string().nullable().describe('Null where it was not there'),
  to: z.string().nullable().describe('Null where it is not there any more'),
})

export const versionView = z.object({
  version: z.number().int(),
  createdAt: z.iso.datetime(),
  isCurrent: z.boolean(),
  sha256: z.string().describe('Of the code'),
  sizeBytes: z.number().int().describe('Of the code'),
  price: z.object({ run: z.string(), max: z.string() }).describe('Credits'),
  changes: z.array(change).nullable().describe('Against the version before; null for the first'),
})
export type VersionView = z.infer<typeof versionView>
