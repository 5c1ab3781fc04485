import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from './logger.ts'
import { eventually } from '../../test/support/eventually.ts'

test('each log line is one JSON object with time, level, message and fields, without credentials', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'logger-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log')
  const log = createLogger('info', file)
  log.debug({ runId: 'r1' }, 'too quiet')
  log.info(
    { runId: 'r1', headers: { authorization: 'Bearer bur_secret', cookie: 'sid=secret' } },
    'run settled\nsecond line',
  )
  const lines = await eventually(
    () => {
      const written = readFileSync(file, 'utf8').trimEnd().split('\n')
      expect(written[0]).not.toBe('')
      return written
    },
    { withinMs: 5_000 },
  )
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    msg: 'run settled\nsecond line',
    runId: 'r1',
  })
  expect(lines[0]).not.toContain('secret')
})
