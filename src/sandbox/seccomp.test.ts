import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { refusedCalls, seccompProgram } from './seccomp.ts'

const headers = [
  ['x64', '/usr/include/x86_64-linux-gnu/asm/unistd_64.h'],
  ['arm64', '/usr/include/asm-generic/unistd.h'],
] as const

test.each(headers.filter(([, file]) => existsSync(file)))(
  'the numbers for %s are those of the kernel',
  (architecture, file) => {
    const numbers = new Map<string, number>()
    for (const [, name, number] of readFileSync(file, 'utf8').matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)/g))
      if (name !== undefined) numbers.set(name, Number(number))
    const refused = [...refusedCalls(architecture)].filter(([name]) => numbers.has(name))
    expect(refused.length).toBeGreaterThan(60)
    expect(refused.map(([name, number]) => `${name} ${number}`)).toEqual(
      refused.map(([name]) => `${name} ${numbers.get(name)}`),
    )
  },
)

test.each(['x64', 'arm64'])(
  'on %s the program refuses what it names, lets threads pass and nothing else of clone',
  (architecture) => {
    const program = seccompProgram(architecture)
    if (program === null) throw new Error('no program')
    const [audit, clone, ioctl, socketpair] =
      architecture === 'x64' ? [0xc000003e, 56, 16, 53] : [0xc00000b7, 220, 29, 199]
    const answer = (nr: number, ...args: number[]) => interpret(program, { audit, nr, args })
    const ALLOW = 0x7fff0000
    const EPERM = 0x50001
    for (const number of refusedCalls(architecture).values()) expect(answer(number)).toBe(EPERM)
    expect(answer(435)).toBe(0x50026)
    const threadFlags = 0x3d0f00
    expect(answer(clone, threadFlags)).toBe(ALLOW)
    expect(answer(clone, 17)).toBe(EPERM)
    expect(answer(clone, threadFlags | 0x10000000)).toBe(EPERM)
    expect(answer(socketpair, 1)).toBe(ALLOW)
    expect(answer(socketpair, 16)).toBe(EPERM)
    expect(answer(ioctl, 0, 0x5412)).toBe(EPERM)
    expect(answer(ioctl, 0, 0x541c)).toBe(EPERM)
    expect(answer(ioctl, 0, 0x5401)).toBe(ALLOW)
    expect(answer(architecture === 'x64' ? 1 : 64)).toBe(ALLOW)
    expect(interpret(program, { audit: 0x40000003, nr: 1, args: [] })).toBe(0x80000000)
    if (architecture === 'x64') expect(answer(0x40000000 + 1)).toBe(0x80000000)
  },
)

/** A classic BPF machine, as far as the program uses it. */
function interpret(program: Buffer, call: { audit: number; nr: number; args: number[] }): number {
  const word = (offset: number): number =>
    offset === 0 ? call.nr : offset === 4 ? call.audit : (call.args[(offset - 16) / 8] ?? 0)
  let accumulator = 0
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at)
    const value = program.readUInt32LE(at + 4)
    if (code === 0x06) return value
    if (code === 0x20) {
      accumulator = word(value) >>> 0
      continue
    }
    const isTrue =
      code === 0x15 ? accumulator === value : code === 0x35 ? accumulator >= value : (accumulator & value) !== 0
    at += 8 * (isTrue ? program.readUInt8(at + 2) : program.readUInt8(at + 3))
  }
  throw new Error('the program ran off its end')
}
