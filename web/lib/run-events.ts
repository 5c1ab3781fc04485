import { isRecord } from './is-record.ts'

/** One event of a stream, as text. */
export type StreamEvent = { readonly id: string | null; readonly event: string; readonly data: string }

/** Reads server-sent events from pieces of text, wherever they are cut.
 * Source: WHATWG HTML, "Server-sent events", parsing. */
export function createEventReader(): (piece: string) => StreamEvent[] {
  let rest = ''
  let id: string | null = null
  let event = 'message'
  let data: string[] = []
  return (piece) => {
    const events: StreamEvent[] = []
    rest += piece
    // A \r at the end may be half of a \r\n: it waits.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push({ id, event, data: data.join('\n') })
        event = 'message'
        data = []
        continue
      }
      const colon = line.indexOf(':')
      const name = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (name === 'data') data.push(value)
      else if (name === 'event') event = value
      else if (name === 'id') id = value
    }
    return events
  }
}

/** The data of an event, or null where it is not an object. */
export function dataOf(event: StreamEvent): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(event.data)
    return isRecord(value) ? value : null
  } catch {
    return null // a newer server's event that this page does not read
  }
}
