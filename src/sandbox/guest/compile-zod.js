// Boots once, while the boot cache is filled (boot-cache.ts): evaluates zod, does with it what agents do at their first
// run, and says what V8 has compiled by then. V8 compiles a function when it is first called, so that what Deno keeps by
// itself, made right after the script was read, holds none of these. No agent's code is anywhere near.
import { Script } from 'node:vm'
import zodRuntime from './zod-runtime.js' with { type: 'text' }

const script = new Script(zodRuntime, { filename: 'file:///zod-runtime.js' })
const z = script.runInThisContext()

// What most agents take. All of zod's functions would be twice as much, which every boot would read.
const schema = z.object({
  text: z.string().min(1).max(100).describe('A text'),
  count: z.number().int().min(0).max(10).default(3),
  isOn: z.boolean().nullable(),
  one: z.enum(['a', 'b']).optional(),
  kind: z.literal('part'),
  either: z.union([z.string(), z.number()]),
  list: z.array(z.string()),
  many: z.record(z.string(), z.unknown()),
})
const good = { text: 'a', isOn: null, one: 'a', kind: 'part', either: 1, list: ['b'], many: { c: 1 } }
for (const each of [schema, z.record(z.string(), z.unknown()), z.array(schema)])
  for (const value of [good, { ...good, text: '', count: 1.5, one: 'c', either: null, list: 1 }, [good], 1]) {
    each.safeParse(value)
    await each.safeParseAsync(value)
  }

Deno.stdout.writeSync(new TextEncoder().encode(script.createCachedData().toString('base64')))
