import { defineAgent } from 'bureau'
import { z } from 'zod'

/** Answers what it was sent. For trying out a client, and for measuring what a run costs besides its work. */
export default defineAgent({
  name: 'Echo',
  description: 'Answers exactly what it was sent. Use it to try out your client and your key.',
  category: 'developer-tools',
  icon: 'repeat',
  view: 'json',
  input: z.record(z.string(), z.unknown()),
  output: z.record(z.string(), z.unknown()),
  price: { run: '1' },
  limits: { timeoutMs: 5_000, memoryMb: 128 },
  idempotent: true,
  examples: [{ name: 'Hello', input: { hello: 'world' } }],
  run: (input) => input,
})
