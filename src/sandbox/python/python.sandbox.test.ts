import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isMissing } from '../../../test/support/capabilities.ts'
import { aWebServer, bodyOf } from '../egress/testing/local-servers.ts'
import { systemClock } from '../../platform/clock.ts'
import { loadConfig } from '../../platform/config.ts'
import { createLogger } from '../../platform/logger.ts'
import { createSandbox, sandboxOptions, type ArtifactContent, type FileSource, type Sandbox } from '../index.ts'
import { findPython } from './find-python.ts'
import { aSandbox, endOf, outputOf, pythonCode, runPython } from '../testing/a-sandbox.ts'

const LIMITS = { timeoutMs: 20_000, memoryMb: 64 }

describe.skipIf(isMissing('bwrap') || isMissing('python3'))('agents in Python', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await aSandbox({ BUREAU_SANDBOX_BLANKS: '0' })
  })
  afterAll(() => sandbox.stop())

  const run = async (text: string, input: unknown = null, options: Parameters<typeof runPython>[3] = {}) =>
    await runPython(sandbox, text, input, { ...options, limits: { ...LIMITS, ...options.limits } })

  test('its walls are tried before the first agent runs, and all hold', async () => {
    const { grade, version, checks } = await sandbox.tryPython()
    expect(checks.filter((check) => !check.held)).toEqual([])
    expect(grade).toBe('strong')
    expect(version).toMatch(/^3\.\d+\.\d+$/)
    expect(checks.length).toBeGreaterThan(50)
  })

  test('a function answers, with logs from ctx, print and logging, progress and charged events', async () => {
    const progress: [number, string][] = []
    const execution = await run(
      `import logging
def run(input, ctx):
    ctx.log.warn('careful', rows=3)
    print('printed', input['n'])
    logging.getLogger('lib').error('from a library')
    ctx.progress(0.5, 'half')
    ctx.charge('row', 2)
    ctx.charge('row')
    return {'double': input['n'] * 2, 'run': len(ctx.run_id)}`,
      { n: 21 },
      {
        charges: { events: { row: 1_000n }, capMicro: 5_000n },
        onProgress: (fraction, message) => progress.push([fraction, message]),
      },
    )
    expect(outputOf(execution)).toEqual({ double: 42, run: 36 })
    expect(execution.logs.map(({ level, message, fields = null }) => ({ level, message, fields }))).toEqual([
      { level: 'warn', message: 'careful', fields: { rows: 3 } },
      { level: 'info', message: 'printed 21', fields: null },
      { level: 'error', message: 'from a library', fields: null },
    ])
    expect(progress).toEqual([[0.5, 'half']])
    expect(execution.events).toEqual({ row: 3 })
  })

  test('an async function is awaited, and what it left behind ends with the run', async () => {
    const text = `import asyncio
done = []
async def late():
    await asyncio.sleep(0.05)
    done.append('late')
async def run(input, ctx):
    if input == 'first':
        asyncio.create_task(late())
        return 'started'
    await asyncio.sleep(0.2)
    return done`
    expect(outputOf(await run(text, 'first', { isolationKey: 'one' }))).toBe('started')
    const second = await run(text, 'second', { isolationKey: 'one' })
    expect(second.startedCold).toBe(false)
    expect(outputOf(second)).toEqual([])
  })

  test('what is imported only when it is needed works from the first run of a fresh sandbox on', async () => {
    const text = `async def run(input, ctx):
    import logging
    logging.getLogger('late').warning('told %d', 1)
    import asyncio, dataclasses, sys
    @dataclasses.dataclass
    class Point:
        x: int
    await asyncio.sleep(0)
    return [Point(1), 'ssl' in sys.modules]`
    const execution = await run(text, null, { isolationKey: null })
    expect(outputOf(execution)).toEqual([{ x: 1 }, false])
    expect(execution.logs.map(({ level, message }) => [level, message])).toEqual([['warn', 'told 1']])
  })

  test('an agent whose modules are named like the library’s gets the same ones, however fresh its sandbox is', async () => {
    const text = `import random, statistics
def run(input, ctx):
    return [hasattr(random, 'OWN'), hasattr(statistics, 'OWN')]`
    const code = pythonCode(text, { 'random.py': 'OWN = True', 'statistics.py': 'OWN = True' })
    const ends = []
    for (const isolationKey of [null, 'same', 'same', null])
      ends.push(outputOf(await runPython(sandbox, code, null, { isolationKey, limits: LIMITS })))
    // Ours is the one that boot may have imported; of the rest the agent's own comes first.
    expect(ends).toEqual(Array.from({ length: 4 }, () => [false, true]))
  })

  test('a generator streams what it yields and answers what it returns; an async one streams too', async () => {
    const chunks: string[] = []
    const onChunk = (json: Buffer): void => void chunks.push(json.toString())
    const plain = await run(`def run(input, ctx):\n    yield {'a': 1}\n    yield 2\n    return 'end'`, null, {
      onChunk,
    })
    expect(outputOf(plain)).toBe('end')
    await run(`async def run(input, ctx):\n    yield 'é'\n    ctx.emit([3])`, null, { onChunk })
    expect(chunks).toEqual(['{"a":1}', '2', '"é"', '[3]'])
  })

  test('a charge beyond the cap raises CapReached before anything is delivered, and the agent may go on', async () => {
    const execution = await run(
      `from bureau import CapReached
def run(input, ctx):
    ctx.emit('paid', charge='row')
    try:
        ctx.emit('unpaid', charge='row')
    except CapReached as error:
        return error.code`,
      null,
      { charges: { events: { row: 10n }, capMicro: 15n } },
    )
    expect(outputOf(execution)).toBe('CAP_REACHED')
    expect(execution).toMatchObject({ delivered: 1, events: { row: 1 } })
  })

  test.each([
    ['an exception', `def run(input, ctx):\n    return 1 / 0`, 'AGENT_THREW', 'ZeroDivisionError: division by zero'],
    ['bytes', `def run(input, ctx):\n    return {'a': b'x'}`, 'AGENT_OUTPUT_INVALID', 'type bytes is not JSON'],
    ['not a number', `def run(input, ctx):\n    return [float('nan')]`, 'AGENT_OUTPUT_INVALID', 'not JSON compliant'],
    ['a cycle', `def run(input, ctx):\n    a = []\n    a.append(a)\n    return a`, 'AGENT_OUTPUT_INVALID', 'Circular'],
    ['half a character', `def run(input, ctx):\n    return chr(0xd800)`, 'AGENT_OUTPUT_INVALID', 'surrogate'],
    [
      'a deep nest',
      `def run(input, ctx):\n    a = []\n    for _ in range(90): a = [a]\n    return a`,
      'AGENT_OUTPUT_INVALID',
      '64 levels',
    ],
    ['sys.exit', `import sys\ndef run(input, ctx):\n    sys.exit(3)`, 'AGENT_EXITED', 'sys.exit(3)'],
    ['os._exit', `import os\ndef run(input, ctx):\n    os._exit(0)`, 'AGENT_EXITED', 'ended its process'],
    [
      'an await for ever',
      `import asyncio\nasync def run(input, ctx):\n    await asyncio.Event().wait()`,
      'AGENT_NEVER_SETTLED',
      'never happen',
    ],
    ['no function', `x = 1`, 'AGENT_NOT_LOADABLE', 'def run(input, ctx)'],
    ['bad syntax', `def run(input, ctx)\n    return 1`, 'AGENT_NOT_LOADABLE', 'agent.py, line 1'],
    ['an unknown module', `import numpy\ndef run(input, ctx): pass`, 'AGENT_NOT_LOADABLE', "No module named 'numpy'"],
    [
      'a refused input',
      `from bureau import InputRejected\ndef run(input, ctx):\n    raise InputRejected('too odd', 'n')`,
      'AGENT_INPUT_REJECTED',
      'too odd',
    ],
    ['an unpriced event', `def run(input, ctx):\n    ctx.charge('x')`, 'AGENT_THREW', "Unknown event 'x'"],
    [
      'a full memory',
      `def run(input, ctx):\n    a = []\n    while True: a.append(b'x' * 1000000)`,
      'RUN_OUT_OF_MEMORY',
      '64 MB',
    ],
    ['a large answer', `def run(input, ctx):\n    return 'x' * 2000000`, 'RUN_OUTPUT_TOO_LARGE', '1000000 bytes'],
  ])('%s fails the run with the code that a TypeScript agent has', async (_, text, code, said) => {
    const execution = await run(text)
    expect(endOf(execution)).toBe(code)
    expect(execution).toMatchObject({ message: expect.stringContaining(said) })
  })

  test('a loop is ended at the deadline, in Python and in C', async () => {
    const limits = { timeoutMs: 400 }
    expect(endOf(await run('def run(input, ctx):\n    while True: pass', null, { limits }))).toBe('timed_out')
    expect(endOf(await run('def run(input, ctx):\n    return len(str(9 ** 9 ** 9))', null, { limits }))).toBe(
      'timed_out',
    )
  })

  test('a traceback names the agent’s own files and lines, and no path of the host', async () => {
    const code = pythonCode('from lib.parse import parse\ndef run(input, ctx):\n    return parse(input)', {
      'lib/parse.py': 'import json\ndef parse(text):\n    return json.loads(text)',
    })
    const execution = await runPython(sandbox, code, '{', { limits: LIMITS })
    const stack = execution.kind === 'failed' ? (execution.stack ?? '') : ''
    expect(stack).toContain('File "agent.py", line 3, in run')
    expect(stack).toContain('File "lib/parse.py", line 3, in parse')
    expect(stack).toContain('File "python/json/')
    expect(stack).not.toMatch(/\/usr|\/tmp|harness/)
  })

  test('a stop reaches an agent in either form while it works', async () => {
    const stop = async (text: string): Promise<unknown> => {
      const controller = new AbortController()
      const heard: string[] = []
      const execution = await run(text, null, {
        signal: controller.signal,
        onChunk: () => controller.abort(),
        onLog: ({ message }) => heard.push(message),
      })
      return [endOf(execution), heard]
    }
    const plain = `import time
def run(input, ctx):
    ctx.emit('begun')
    while not ctx.canceled: time.sleep(0.005)
    ctx.log.info('tidied')
    return 1`
    const awaited = `import asyncio
async def run(input, ctx):
    ctx.emit('begun')
    try: await asyncio.sleep(60)
    finally: ctx.log.info('tidied')`
    expect(await stop(plain)).toEqual(['canceled', ['tidied']])
    expect(await stop(awaited)).toEqual(['canceled', ['tidied']])
  })

  test('a file input is read in pieces, as text, as a stream and by csv, and an artifact is stored', async () => {
    const content = Buffer.from(`name,n\n${Array.from({ length: 60_000 }, (_, at) => `row${at},${at}`).join('\n')}\n`)
    const source: FileSource = {
      name: 'rows.csv',
      type: 'text/csv',
      sizeBytes: content.length,
      read: async (offset, length) => content.subarray(offset, offset + length),
    }
    const stored: Buffer[] = []
    const text = `import csv
AGENT = {'name': 'Rows', 'input': {'type': 'object', 'properties': {'csv': {'type': 'string', 'format': 'bureau-file', 'x-accept': ['text/csv']}, 'least': {'type': 'integer', 'default': 59990}}}}
def run(input, ctx):
    with input['csv'].open('r', newline='') as rows:
        late = [row['name'] for row in csv.DictReader(rows) if int(row['n']) > input['least']]
    pieces = sum(len(piece) for piece in input['csv'])
    ctx.artifacts.put('late.txt', '\\n'.join(late), type='text/plain')
    return {'size': input['csv'].size, 'pieces': pieces, 'text': len(input['csv'].text()), 'late': len(late)}`
    const execution = await runPython(
      sandbox,
      text,
      { csv: { $file: 'f' } },
      {
        limits: LIMITS,
        storeArtifact: async ({ content: pieces }) => {
          for await (const piece of pieces) stored.push(Buffer.from(piece))
        },
      },
      new Map([['f', source]]),
    )
    const { length } = content
    expect(outputOf(execution)).toEqual({ size: length, pieces: length, text: length, late: 9 })
    expect(Buffer.concat(stored).toString().split('\n')).toHaveLength(9)
    const storeArtifact = async ({ content: pieces }: ArtifactContent): Promise<void> => {
      for await (const _piece of pieces) expect(_piece.length).toBe(1)
    }
    const awaited = await runPython(
      sandbox,
      `async def run(input, ctx):\n    n = 0\n    async for piece in input['csv']: n += len(piece)\n    await ctx.artifacts.put('a', b'x')\n    return [n, len(await input['csv'].text())]`,
      { csv: { $file: 'f' } },
      { limits: LIMITS, storeArtifact },
      new Map([['f', source]]),
    )
    expect(outputOf(awaited)).toEqual([length, length])
  })

  test('ctx.fetch goes over the host, both ways, with a secret it never sees, several at once where awaited', async () => {
    const port = await aWebServer(async (request, response) => {
      const body = await bodyOf(request)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ method: request.method, body, key: request.headers['x-key'] ?? null }))
    })
    const reachable = await aSandbox({ BUREAU_EGRESS_PRIVATE_HOSTS: `127.0.0.1:${port}`, BUREAU_SANDBOX_BLANKS: '0' })
    try {
      const host = `127.0.0.1:${port}`
      const egress = { hosts: [host], secrets: new Map([['KEY', { value: 'sesame-0123', hosts: [host] }]]) }
      const plain = `def run(input, ctx):
    answer = ctx.fetch(input, json={'a': 1}, headers={'x-key': ctx.secret('KEY')})
    return [answer.status, answer.headers['Content-Type'], answer.json()['body'], answer.ok, ctx.secret('OTHER')]`
      const options = { egress, limits: LIMITS }
      const once = await runPython(reachable, plain, `http://${host}/`, options)
      expect(outputOf(once)).toEqual([200, 'application/json', '{"a":1}', true, null])
      expect(once.egress).toMatchObject([{ requests: 1 }])
      const awaited = `import asyncio
async def get(ctx, url):
    answer = await ctx.fetch(url)
    return (await answer.json())['method']
async def run(input, ctx):
    return await asyncio.gather(*[get(ctx, input + str(n)) for n in range(5)])`
      expect(outputOf(await runPython(reachable, awaited, `http://${host}/`, options))).toEqual(Array(5).fill('GET'))
      const denied = await runPython(
        reachable,
        `def run(input, ctx):\n    ctx.fetch('https://evil.test/')`,
        null,
        options,
      )
      expect(endOf(denied)).toBe('EGRESS_DENIED')
    } finally {
      await reachable.stop()
    }
  })

  test('what the agent says of itself comes from AGENT, its docstring and its types', async () => {
    const described = await sandbox.describeAgentCode(
      pythonCode(`"""Adds."""
from dataclasses import dataclass
from typing import Annotated, Literal, Optional
@dataclass
class Order:
    a: Annotated[int, 'The first']
    kind: Literal['x', 'y'] = 'x'
    note: Optional[str] = None
@dataclass
class Sum:
    total: float
AGENT = {'name': 'Adder', 'price': {'run': 2, 'events': {'row': '0.1'}, 'max': 3}, 'limits': {'timeout_ms': 500}}
def run(order: Order, ctx) -> Sum:
    return Sum(order.a)`),
    )
    expect(described).toMatchObject({
      ok: true,
      manifest: {
        contract: 1,
        name: 'Adder',
        description: 'Adds.',
        price: { run: '2', events: { row: '0.1' }, max: '3' },
        limits: { timeoutMs: 500 },
        input: {
          type: 'object',
          required: ['a'],
          properties: {
            a: { type: 'integer', description: 'The first' },
            kind: { enum: ['x', 'y'], default: 'x' },
            note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          },
        },
        output: { type: 'object', required: ['total'], properties: { total: { type: 'number' } } },
      },
    })
  })

  test('a module that is not imported is checked for its syntax too', async () => {
    const code = pythonCode('def run(input, ctx):\n    import later', { 'later.py': 'x = 1\ny = (' })
    expect(await sandbox.describeAgentCode(code)).toMatchObject({
      ok: false,
      message: expect.stringContaining('later.py, line 2'),
    })
  })

  test('its instance serves the same principal warm and nobody else', async () => {
    const text = `import random\nseen = []\ndef run(input, ctx):\n    seen.append(input)\n    return [seen, random.random()]`
    const first = outputOf(await run(text, 'a', { isolationKey: 'ann' }))
    const again = outputOf(await run(text, 'b', { isolationKey: 'ann' }))
    const other = outputOf(await run(text, 'c', { isolationKey: 'bob' }))
    expect(first).toEqual([['a'], expect.any(Number)])
    expect(again).toEqual([['a', 'b'], expect.any(Number)])
    expect(other).toEqual([['c'], expect.any(Number)])
    expect(JSON.stringify(first).slice(6)).not.toBe(JSON.stringify(other).slice(6))
  })
})

test('without Python nothing but Python agents is refused, with the command that mends it, until it is mended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bureau-python-'))
  const program = join(folder, 'python3')
  const env = { BUREAU_PYTHON: program, BUREAU_SANDBOX_BLANKS: '0' }
  const { sandbox: config } = loadConfig({ sandbox: sandboxOptions }, env)
  let laterMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + laterMs }
  const sandbox = createSandbox({ config, log: createLogger('silent', 2), clock })
  await sandbox.start(new AbortController().signal)
  try {
    await expect(runPython(sandbox, 'def run(input, ctx): pass')).rejects.toMatchObject({
      code: 'PYTHON_UNAVAILABLE',
      fix: expect.stringMatching(/python3 cannot be executed.*install/),
    })
    expect(sandbox.report()).toMatchObject({ grade: expect.any(String), python: { grade: 'none' } })
    await symlink('/usr/bin/python3', program)
    expect((await sandbox.tryPython()).grade).toBe('none')
    laterMs = 60_000
    if (!isMissing('python3')) expect((await sandbox.tryPython()).grade).toBe('strong')
  } finally {
    await sandbox.stop()
    await rm(folder, { recursive: true })
  }
})

const FACTS = `import os
def run(input, ctx):
    return [sorted(os.listdir('/')), os.listdir('/tmp'), sorted(os.environ), os.environ['PWD'], os.getpid(), os.getuid()]`

test.skipIf(isMissing('python3'))('without bubblewrap the walls of util-linux serve it, at strong', async () => {
  const sandbox = await aSandbox({ BUREAU_SANDBOX_BWRAP: 'no-such-bwrap', BUREAU_SANDBOX_BLANKS: '0' })
  try {
    const { grade, checks } = await sandbox.tryPython()
    expect(checks.filter((check) => !check.held)).toEqual([])
    expect(grade).toBe('strong')
    expect(checks.length).toBeGreaterThan(50)
    const [root, scratch, names, folder, pid, user] = z
      .tuple([z.array(z.string()), z.array(z.string()), z.array(z.string()), z.string(), z.number(), z.number()])
      .parse(outputOf(await runPython(sandbox, FACTS, null, { limits: LIMITS })))
    expect(root).not.toContain('proc')
    expect(root).not.toContain('etc')
    expect({ scratch, folder, pid, user }).toEqual({ scratch: ['agent'], folder: '/tmp', pid: 1, user: 65534 })
    expect(names).toEqual(expect.arrayContaining(['HOME', 'LANG', 'PWD', 'TMPDIR']))
    expect(names).not.toContain('OLDPWD')
  } finally {
    await sandbox.stop()
  }
})

test('with Deno alone it is refused, saying what stands in its way', async () => {
  const sandbox = await aSandbox({ BUREAU_SANDBOX_DRIVER: 'deno', BUREAU_SANDBOX_BLANKS: '0' })
  try {
    await expect(runPython(sandbox, 'def run(input, ctx): pass')).rejects.toMatchObject({
      code: 'PYTHON_UNAVAILABLE',
      fix: expect.stringMatching(/^Python needs the walls of the operating system around it: .*deno.*operator/),
    })
    expect(
      await sandbox.describeAgentCode(pythonCode('def run(input, ctx): pass')).catch((error) => error),
    ).toMatchObject({
      code: 'PYTHON_UNAVAILABLE',
    })
  } finally {
    await sandbox.stop()
  }
})

describe.skipIf(isMissing('python3'))('a Python of its own folder, with packages beside its standard library', () => {
  let prefix: string
  let program: string
  beforeAll(async () => {
    const { python } = await findPython('auto')
    if (python === null) throw new Error('there is no Python here')
    // Not in /tmp: what the host has there no sandbox could show.
    prefix = await mkdtemp('/var/tmp/bureau-python-')
    program = join(prefix, 'bin', basename(python.binary))
    await cp(python.binary, program)
    const stdlib = join(prefix, 'lib', basename(python.stdlib))
    await cp(python.stdlib, stdlib, { recursive: true })
    await mkdir(join(stdlib, 'site-packages', 'secretive'), { recursive: true })
    await writeFile(join(stdlib, 'site-packages', 'secretive', '__init__.py'), 'token = 1')
  })
  afterAll(() => rm(prefix, { recursive: true }))

  test.each([
    ['bubblewrap', isMissing('bwrap')],
    ['util-linux', false],
  ] as const)('by %s it serves, and nobody sees the packages', async (driver, isLeftOut) => {
    if (isLeftOut) return
    const sandbox = await aSandbox({
      BUREAU_SANDBOX_DRIVER: driver,
      BUREAU_PYTHON: program,
      BUREAU_SANDBOX_BLANKS: '0',
    })
    try {
      const { grade, checks } = await sandbox.tryPython()
      expect(checks.filter((check) => !check.held)).toEqual([])
      expect(grade).toBe('strong')
      const text = `import os\ndef run(input, ctx):\n    return [os.__file__, os.listdir(os.path.dirname(os.__file__) + '/site-packages')]`
      expect(outputOf(await runPython(sandbox, text, null, { limits: LIMITS }))).toEqual([
        expect.stringContaining(prefix),
        [],
      ])
    } finally {
      await sandbox.stop()
    }
  })
})
