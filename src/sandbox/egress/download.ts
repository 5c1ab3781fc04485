import type { Parsed } from '../../platform/config.ts'
import type { sandboxOptions } from '../sandbox.options.ts'
import { bridgeOf } from './bridge-of.ts'
import { EgressRecord } from './egress-record.ts'
import { EgressFailed } from './egress.errors.ts'
import { performRequest, type EgressDeps } from './egress.ts'

/** A file that lies at an address. */
export type Download = {
  readonly name: string
  /** Media type as its server says. */
  readonly type: string
  readonly content: AsyncIterable<Uint8Array>
}

const MAX_REQUESTS = 12

/** Opens an address that a caller named: https, on the public internet, and nothing but that. It is drawn in only as it
 * is read.
 * @param hosts which may be reached; every public one for callers
 * @throws EgressDenied, EgressFailed */
export async function openDownload(deps: EgressDeps, url: string, hosts: readonly string[] = ['*']): Promise<Download> {
  const ended = new AbortController()
  const response = await performRequest(
    deps,
    {
      grant: { hosts, secrets: new Map() },
      record: new EgressRecord({ maxRequests: MAX_REQUESTS, maxRunBytes: Number.MAX_SAFE_INTEGER }),
      pins: new Map(),
      signal: ended.signal,
    },
    { url, method: 'GET', headers: [], body: null, redirect: 'follow', isEncrypted: true },
  )
  const { body } = response
  if (response.status < 200 || response.status > 299 || body === null) {
    ended.abort()
    throw new EgressFailed(`${new URL(response.url).host} answered with the status ${response.status}`)
  }
  const type = response.headers.find(([name]) => name === 'content-type')?.[1] ?? 'application/octet-stream'
  return { name: nameOf(response.url), type: type.slice(0, 200), content: endingWith(body, ended) }
}

/** What is not read to its end is broken off. */
async function* endingWith(body: AsyncGenerator<Buffer>, ended: AbortController): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } finally {
    ended.abort()
  }
}

function nameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    const name = decodeURIComponent(last).replaceAll(/[^\p{L}\p{N}._ -]/gu, '_')
    return name.slice(0, 200) || 'download'
  } catch {
    return 'download'
  }
}

/** What an operator's private hosts are to agents they are not to callers: an address in an input is a stranger's.
 * How large a file may be, its reader says. */
export function createDownloader(config: Parsed<typeof sandboxOptions>): (url: string) => Promise<Download> {
  const { egress } = bridgeOf(config)
  const deps: EgressDeps = {
    ...egress,
    privateHosts: [],
    limits: { ...egress.limits, maxResponseBytes: Number.MAX_SAFE_INTEGER },
  }
  return (url) => openDownload(deps, url)
}
