export type AnsiSpan = { readonly text: string; readonly style: string }

/** A log line with its terminal colours, as spans that name a style of ours. Other control sequences are left out:
 * they would move a cursor that is not there. Text is never read as HTML. */
export function ansiSpans(line: string): AnsiSpan[] {
  if (!line.includes('\u001b')) return [{ text: line, style: '' }]
  const spans: AnsiSpan[] = []
  let style: Style = PLAIN
  let from = 0
  for (const match of line.matchAll(/\u001b(?:\[([\d;]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|.)/g)) {
    if (match.index > from) spans.push({ text: line.slice(from, match.index), style: nameOf(style) })
    from = match.index + match[0].length
    if (match[2] === 'm') style = styled(style, match[1] ?? '')
  }
  if (from < line.length) spans.push({ text: line.slice(from), style: nameOf(style) })
  return spans
}

type Style = { readonly colour: string; readonly isBold: boolean; readonly isDim: boolean }
const PLAIN: Style = { colour: '', isBold: false, isDim: false }
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const

function styled(style: Style, codes: string): Style {
  let next = style
  for (const code of codes === '' ? [0] : codes.split(';').map(Number)) {
    if (code === 0) next = PLAIN
    else if (code === 1) next = { ...next, isBold: true }
    else if (code === 2) next = { ...next, isDim: true }
    else if (code === 22) next = { ...next, isBold: false, isDim: false }
    else if (code === 39) next = { ...next, colour: '' }
    else if (code >= 30 && code <= 37) next = { ...next, colour: COLOURS[code - 30] ?? '' }
    else if (code >= 90 && code <= 97) next = { ...next, colour: COLOURS[code - 90] ?? '' }
    else if (code === 38 || code === 48) break // 256 colours and their arguments
  }
  return next
}

const nameOf = (style: Style): string =>
  [style.colour, style.isBold ? 'bold' : '', style.isDim ? 'dim' : ''].filter((part) => part !== '').join(' ')

/** The line without its colours, for search, copy and download. */
export const withoutAnsi = (line: string): string =>
  ansiSpans(line)
    .map((span) => span.text)
    .join('')
