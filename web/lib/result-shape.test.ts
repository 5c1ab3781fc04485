import { expect, test } from 'vitest'
import { viewOf } from './result-shape.ts'

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
