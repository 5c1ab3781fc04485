import { afterAll, beforeAll, expect, test } from 'vitest'
import { readZodRuntime, type Sandbox } from '../sandbox/index.ts'
import { aSandbox, agentCode, outputOf, runSource } from '../sandbox/testing/a-sandbox.ts'
import { buildAgent } from './build-agent.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await aSandbox()
})
afterAll(async () => await sandbox.stop())

async function bundle(source: string): Promise<string> {
  const { code } = await buildAgent(new Map([['index.ts', Buffer.from(source)]]), AbortSignal.timeout(30_000))
  return code
}

const ORDER = `
import { defineAgent } from 'bureau'
import { z } from 'zod'
export default defineAgent({
  name: 'Order',
  input: z.object({
    name: z.string().trim().min(2),
    count: z.coerce.number().int().default(3),
    mail: z.email().optional(),
    kind: z.enum(['a', 'b']).transform((kind) => kind.toUpperCase()),
  }).refine(({ name }) => name !== 'nobody', 'somebody, please'),
  output: z.object({ name: z.string(), count: z.number(), kind: z.string() }),
  run: (input) => input,
})`

test('an agent parses with the zod its sandbox has already: transforms, defaults, refinements, unknown fields', async () => {
  const code = await bundle(ORDER)
  const { source } = readZodRuntime()
  expect(code.startsWith(source)).toBe(true)
  expect(code.length - source.length).toBeLessThan(4_000)
  expect(outputOf(await runSource(sandbox, code, { name: ' Ann ', kind: 'b', more: 1 }))).toEqual({
    name: 'Ann',
    count: 3,
    kind: 'B',
  })
  expect(await runSource(sandbox, code, { name: 'nobody', kind: 'a' })).toMatchObject({
    code: 'AGENT_INPUT_REJECTED',
    issues: [{ path: '', message: 'somebody, please' }],
  })
  expect(await runSource(sandbox, code, { name: 'x', kind: 'c', mail: '@' })).toMatchObject({
    code: 'AGENT_INPUT_REJECTED',
    issues: [
      { path: 'name', message: 'Too small: expected string to have >=2 characters' },
      { path: 'mail', message: 'Invalid email address' },
      { path: 'kind', message: 'Invalid option: expected one of "a"|"b"' },
    ],
  })
})

test('a bundle of another release runs with the zod it was published with', async () => {
  const { key } = readZodRuntime()
  const other = (await bundle(ORDER)).replaceAll(key, 'bureau.zod.another').replace('Invalid option', 'Unknown option')
  expect(await sandbox.describeAgentCode(agentCode(other))).toMatchObject({ ok: true, manifest: { name: 'Order' } })
  expect(await runSource(sandbox, other, { name: 'Ann', kind: 'c' })).toMatchObject({
    issues: [{ path: 'kind', message: 'Unknown option: expected one of "a"|"b"' }],
  })
})

test.each([
  ['the namespace', `import * as z from 'zod'; export default () => z.enum(['a']).parse('a')`],
  ['the default', `import z from 'zod'; export default () => z.enum(['a']).parse('a')`],
  [
    'names',
    `import { string, null as none, ZodError } from 'zod/v4'
    export default () => none().parse(null) ?? (string().safeParse(1).error instanceof ZodError ? 'a' : '')`,
  ],
  [
    'inner namespaces',
    `import { z } from 'zod'
    export default () => z.core.util.esc('a')[1] === 'a' && z.regexes.uuid4 && z.iso.date().safeParse('2026-01-01').data ? 'a' : ''`,
  ],
  [
    'schemas from JSON',
    `import { fromJSONSchema } from 'zod'; export default () => fromJSONSchema({ type: 'string' }).parse('a')`,
  ],
  ['zod/mini', `import * as z from 'zod/mini'; export default () => z.enum(['a']).parse('a')`],
  [
    'another language',
    `import { z } from 'zod'; z.config(z.locales.de())
    export default () => z.string().safeParse(1).error?.issues[0]?.message.startsWith('Ungültig') ? 'a' : ''`,
  ],
])('zod is imported as %s', async (_, source) => {
  expect(outputOf(await runSource(sandbox, await bundle(source)))).toBe('a')
})
