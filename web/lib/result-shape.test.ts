import { expect, test } from 'vitest'
import { cellWords, viewOf } from './result-shape.ts'

test('only a picture or a sound that stands in the output itself is shown as one, and never one that could run', () => {
  const shownAs = (asked: string, value: unknown) => viewOf(value, asked)
  expect(shownAs('image', 'data:image/png;base64,AAAA')).toBe('image')
  expect(shownAs('audio', 'data:audio/mpeg;base64,AAAA')).toBe('audio')
  for (const value of [
    'data:image/svg+xml;base64,AAAA',
    'data:text/html;base64,AAAA',
    'data:image/png,<svg onload=alert(1)>',
    'https://evil.example/pixel.png',
    'javascript:alert(1)',
    ' data:image/png;base64,AAAA',
  ]) {
    expect(shownAs('image', value), value).toBe('text')
    expect(shownAs('audio', value), value).toBe('text')
  }
  expect(shownAs('html', { toString: '<script>' })).toBe('facts')
  expect(shownAs('script', 'alert(1)')).toBe('text')
})

test('moments and small records are told in words; what is larger stands under JSON', () => {
  expect(
    [
      '2026-03-02T08:00:03Z',
      '2026-03-02T08:11',
      '2026-03-02T08:00:03.250+01:00',
      'at 2026-03-02T08:00:03Z',
      { width: 240, height: 240, sizeBytes: 5_009 },
      { error: 27, warn: 13, info: 80, debug: 0 },
      { a: 'x', b: 'y', c: 'z', d: 'w' },
      { error: { count: 1 } },
    ].map(cellWords),
  ).toEqual([
    '2026-03-02 08:00:03 UTC',
    '2026-03-02 08:11',
    '2026-03-02 08:00:03 +01:00',
    'at 2026-03-02T08:00:03Z',
    'Width 240, height 240, size bytes 5\u202f009',
    'Error 27, warn 13, info 80, debug 0',
    '4 values',
    '1 value',
  ])
})
