import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EnhancedAppError } from '../platform/errors.ts'
import type { Service } from '../platform/service.ts'
import type { ObjectStore } from './object-store.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const facts = { contentType: 'text/plain' } as const
const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** The promises that every driver keeps, as tests. Called from a test file of each driver.
 * @param behind.conditionalWrites whether the store behind it decides a race of writers */
export function storeKeepsItsPromises(
  behind: { readonly conditionalWrites: boolean },
  open: () => Promise<ObjectStore & Service>,
): void {
  let store: ObjectStore & Service
  beforeAll(async () => {
    store = await open()
    await store.start(new AbortController().signal)
  })
  afterAll(() => store.stop())

  const codeOf = async (promise: Promise<unknown>): Promise<string> => {
    try {
      await promise
      return 'no error'
    } catch (error) {
      return error instanceof EnhancedAppError ? error.code : String(error)
    }
  }

  test('what was written is read back, with its size and SHA-256', async () => {
    const stored = await store.put('a/b/one.txt', bytes('hello'), facts)
    expect(stored).toEqual({ sizeBytes: 5, sha256: sha256Of(bytes('hello')) })
    expect(Buffer.from(await store.get('a/b/one.txt')).toString()).toBe('hello')
    expect(await store.exists('a/b/one.txt')).toBe(true)
  })

  test('the same content under the same key is a success, another content is refused and changes nothing', async () => {
    await store.put('once.txt', bytes('first'), facts)
    await expect(store.put('once.txt', bytes('first'), facts)).resolves.toMatchObject({ sizeBytes: 5 })
    expect(await codeOf(store.put('once.txt', bytes('second'), facts))).toBe('FILE_EXISTS')
    expect(Buffer.from(await store.get('once.txt')).toString()).toBe('first')
  })

  test('a stream of 3 MB is stored whole', async () => {
    const chunk = Buffer.alloc(64 * 1024, 7)
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 48; i += 1) yield chunk
    }
    const stored = await store.put('big.bin', chunks(), facts)
    expect(stored.sizeBytes).toBe(48 * 64 * 1024)
    expect(sha256Of(await store.get('big.bin'))).toBe(stored.sha256)
  })

  test('a stream that breaks leaves nothing under its key', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes('half')
      throw new Error('the caller hung up')
    }
    await expect(store.put('broken.bin', broken(), facts)).rejects.toThrow()
    expect(await store.exists('broken.bin')).toBe(false)
  })

  test('content that does not hash to what its writer said is refused', async () => {
    const put = store.put('lied.txt', bytes('x'), { ...facts, sha256: sha256Of(bytes('y')) })
    expect(await codeOf(put)).toBe('FILE_CORRUPT')
    expect(await store.exists('lied.txt')).toBe(false)
  })

  test('a range reads part of an object, and less at its end', async () => {
    await store.put('range.txt', bytes('0123456789'), facts)
    expect(Buffer.from(await store.readRange('range.txt', 3, 4)).toString()).toBe('3456')
    expect(Buffer.from(await store.readRange('range.txt', 8, 10)).toString()).toBe('89')
    expect((await store.readRange('range.txt', 20, 5)).byteLength).toBe(0)
  })

  test('an absent key is FILE_NOT_FOUND to readers, false to exists, and nothing to delete', async () => {
    expect(await codeOf(store.get('absent'))).toBe('FILE_NOT_FOUND')
    expect(await codeOf(store.readRange('absent', 0, 1))).toBe('FILE_NOT_FOUND')
    expect(await store.exists('absent')).toBe(false)
    await store.delete('absent')
  })

  test('a deleted object is gone and its key can be written again', async () => {
    await store.put('gone.txt', bytes('x'), facts)
    await store.delete('gone.txt')
    expect(await store.exists('gone.txt')).toBe(false)
    await store.put('gone.txt', bytes('y'), facts)
  })

  test('an empty object is an object', async () => {
    await store.put('empty', bytes(''), facts)
    expect((await store.get('empty')).byteLength).toBe(0)
    expect((await store.readRange('empty', 0, 4)).byteLength).toBe(0)
  })

  test.each([
    '../up',
    'a/../../up',
    '/etc/passwd',
    'a//b',
    'a/./b',
    '',
    'a/',
    '.tmp/x',
    'a\\b',
    'a\0b',
    `${'x'.repeat(600)}`,
  ])('the key %j is refused by every method', async (key) => {
    expect(await codeOf(store.put(key, bytes('x'), facts))).toBe('FILE_NAME_INVALID')
    expect(await codeOf(store.get(key))).toBe('FILE_NAME_INVALID')
    expect(await codeOf(store.readRange(key, 0, 1))).toBe('FILE_NAME_INVALID')
    expect(await codeOf(store.exists(key))).toBe('FILE_NAME_INVALID')
    expect(await codeOf(store.delete(key))).toBe('FILE_NAME_INVALID')
  })

  test('twenty writers of one key leave one of their contents whole; where the store can decide, one of them won', async () => {
    const contents = Array.from({ length: 20 }, (_, i) => `writer ${i}`)
    const answers = await Promise.all(contents.map((text) => codeOf(store.put('race.txt', bytes(text), facts))))
    const winners = contents.filter((_, i) => answers[i] === 'no error')
    expect(winners).toContain(Buffer.from(await store.get('race.txt')).toString())
    if (behind.conditionalWrites) expect(winners).toHaveLength(1)
  })

  test('a store that works passes its check', async () => {
    await store.check()
  })
}
