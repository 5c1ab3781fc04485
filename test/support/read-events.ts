/** An event as it came over the wire. */
export type SseEvent = {
  readonly id: number | null
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Reads server-sent events until the stream ends, breaks or `until` is content.
 * @returns what came, and whether the server ended the stream */
export async function readEvents(
  response: Response,
  until: (event: SseEvent, all: readonly SseEvent[]) => boolean = () => false,
): Promise<{ readonly events: SseEvent[]; readonly isWhole: boolean }> {
  const events: SseEvent[] = []
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error('the answer has no body')
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { events, isWhole: true }
      text += value
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = parseEvent(text.slice(0, end))
        text = text.slice(end + 2)
        if (event === null) continue
        events.push(event)
        if (until(event, events)) return { events, isWhole: false }
      }
    }
  } catch {
    // The server is gone, or the reader gave up.
    return { events, isWhole: false }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function parseEvent(block: string): SseEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => {
      const at = line.indexOf(': ')
      return at < 0 ? (['', line] as const) : ([line.slice(0, at), line.slice(at + 2)] as const)
    }),
  )
  const data = fields.get('data')
  if (data === undefined) return null
  const id = fields.get('id')
  const parsed: unknown = JSON.parse(data)
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`not an object: ${data}`)
  return { id: id === undefined ? null : Number(id), type: fields.get('event') ?? 'message', data: { ...parsed } }
}
