import { pythonSource } from '../../../src/sandbox/python/test-python.ts'
import { family, type RunAttack } from '../attack.ts'

/** What every attack may use. `call` makes a system call by ctypes, the worst a hole of CPython could give; `reached` says
 * whether it got as far as the kernel's own code, where EPERM and ENOSYS are what the filter answers. `say` writes to the
 * host by hand. */
const HEAD = `
import asyncio, ctypes, importlib, os, random, signal, socket, subprocess, sys, tempfile, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def call(number, *args):
    ctypes.set_errno(0)
    words = [each if isinstance(each, bytes) else ctypes.c_long(each) for each in args]
    result = libc.syscall(ctypes.c_long(number), *words, *[ctypes.c_long(0)] * (6 - len(words)))
    return result, ctypes.get_errno()

def sys_(number, *args):
    result, errno = call(number, *args)
    if result == -1:
        raise OSError('errno %d' % errno)
    return result

def reached(number, *args):
    _, errno = call(number, *args)
    if errno in (1, 38):
        raise OSError('errno %d' % errno)
    return True

def has_codec(name):
    import codecs
    try:
        return codecs.lookup(name) is not None
    except LookupError:
        return False

def say(text):
    import __main__
    rest = text if isinstance(text, bytes) else text.encode()
    while rest:
        rest = rest[os.write(__main__.wire.fd, rest):]
`

/** The names of the input, as plain variables. */
const NAMES = [
  'flag',
  'canary',
  'folder',
  'tcp',
  'udp',
  'socketFile',
  'abstractName',
  'hostPid',
  'hostname',
  'nr',
  'step',
]

const indented = (text: string, by: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `${by}${line}`)
    .join('\n')

type Defaults = Parameters<typeof family>[1]

/** A family of attacks in Python: each is the body of \`run\`, or with \`module\` the whole of agent.py. */
export function pythonFamily(name: string, defaults: Defaults) {
  const of = family(`Python: ${name}`, defaults)
  const agent = (text: string): string => pythonSource(`${HEAD}\n${text}\n`)
  return {
    body: (attack: string, body: string, details: Partial<RunAttack> = {}): RunAttack =>
      of.module(
        attack,
        agent(`def run(input, ctx):
    ${NAMES.join(', ')} = (input[each] for each in ${JSON.stringify(NAMES)})
    nonce = flag[4:14]
${indented(body, '    ')}`),
        details,
      ),
    module: (attack: string, text: string, details: Partial<RunAttack> = {}): RunAttack =>
      of.module(attack, agent(text), details),
  }
}
