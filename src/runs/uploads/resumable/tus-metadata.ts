import { isStorable } from '../../../http/index.ts'
import { runsErrors } from '../../runs.errors.ts'

const MOST_CHARS = 200

/** `Upload-Metadata` of the tus protocol: pairs of a key and its value as base64, separated by commas. Keys that are not
 * asked for are left out. @throws TUS_HEADERS_INVALID */
export function readMetadata(header: string | string[] | undefined): {
  readonly filename?: string
  readonly filetype?: string
} {
  if (header === undefined || header === '') return {}
  const known: Record<string, string> = {}
  for (const pair of String(header).split(',')) {
    const [key = '', value = '', more] = pair.trim().split(' ')
    if (key === '' || more !== undefined || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      throw runsErrors.TUS_HEADERS_INVALID({ problem: 'Send Upload-Metadata as "key base64, key base64".' })
    known[key] = Buffer.from(value, 'base64').toString('utf8')
  }
  const text = (name: string): string | undefined => {
    const value = known[name]?.trim().slice(0, MOST_CHARS)
    return value === undefined || value === '' || !isStorable(value) ? undefined : value
  }
  const [filename, filetype] = [text('filename'), text('filetype')]
  return { ...(filename === undefined ? {} : { filename }), ...(filetype === undefined ? {} : { filetype }) }
}
