import { expect, test } from 'vitest'
import { LoadableCode } from './execute-agent-code.ts'
import { agentCode } from './testing/a-sandbox.ts'

const loaded = (loadable: LoadableCode, source: string): string =>
  Buffer.from(loadable.of(agentCode(source)).toString().split('base64,')[1] ?? '', 'base64').toString()

test('what every blank has evaluated is left away from a bundle, anything else is sent whole', () => {
  const loadable = new LoadableCode('globalThis.a ??= 1;\n')
  expect(loaded(loadable, 'globalThis.a ??= 1;\nexport default 1')).toBe('export default 1')
  expect(loaded(loadable, 'globalThis.b ??= 1;\nexport default 1')).toBe('globalThis.b ??= 1;\nexport default 1')
  expect(loaded(loadable, 'export default 1')).toBe('export default 1')
})
