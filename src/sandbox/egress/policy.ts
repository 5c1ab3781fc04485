import { isIP } from 'node:net'
import { isPublicAddress } from './address.ts'
import { EgressDenied, EgressFailed } from './egress.errors.ts'
import { isDeclared } from './host-pattern.ts'
import type { Resolve } from './resolve.ts'

/** Where a request goes: an allowed URL with the addresses that it may connect to. */
export type Target = {
  readonly url: URL
  /** Without brackets and without a dot at the end. */
  readonly host: string
  readonly port: number
  /** As records and errors name it: with its port where that is not the usual one. */
  readonly hostAndPort: string
  readonly addresses: readonly string[]
  /** Named by the operator: private addresses are meant. */
  readonly isPrivateAllowed: boolean
}

export type PolicyDeps = {
  /** The operator lets no agent reach anything. */
  readonly isOff: boolean
  /** Hosts whose private addresses the operator allows. */
  readonly privateHosts: readonly string[]
  readonly resolve: Resolve
  readonly resolveLocally: Resolve
}

/** Decides on one address, for the first request and for every redirect anew. Names are resolved here, once for each
 * run: what is checked is what is connected to.
 * @param declared hosts of the manifest   @param pins what this run has resolved so far
 * @throws EgressDenied, EgressFailed */
export async function judge(
  deps: PolicyDeps,
  text: string,
  declared: readonly string[],
  pins: Map<string, readonly string[]>,
): Promise<Target> {
  const url = parse(text)
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const isUsual = url.port === ''
  const name = host.includes(':') ? `[${host}]` : host
  const hostAndPort = isUsual ? name : `${name}:${port}`
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new EgressDenied(hostAndPort, `This agent may not use ${url.protocol} addresses: only https and http`)
  if (url.username !== '' || url.password !== '')
    throw new EgressDenied(hostAndPort, `The address of ${hostAndPort} holds a user name: send it as a header instead`)
  if (deps.isOff)
    throw new EgressDenied(
      hostAndPort,
      `This agent may not reach ${hostAndPort}: this site lets no agent use the network`,
    )
  if (!isDeclared(declared, host, port))
    throw new EgressDenied(
      hostAndPort,
      `This agent may not reach ${hostAndPort}: its manifest would need egress: ['${hostAndPort}']`,
    )
  const isPrivateAllowed = isDeclared(deps.privateHosts, host, port)
  const addresses = await resolvePinned(deps, host, isPrivateAllowed, pins)
  // One address that is not public condemns the name: whoever mixes them is trying something.
  if (!isPrivateAllowed && !addresses.every(isPublicAddress))
    throw new EgressDenied(
      hostAndPort,
      `This agent may not reach ${hostAndPort}: it is not on the public internet. The operator can allow it by BUREAU_EGRESS_PRIVATE_HOSTS`,
    )
  return { url, host, port, hostAndPort, addresses, isPrivateAllowed }
}

function parse(text: string): URL {
  try {
    return new URL(text)
  } catch (error) {
    throw new EgressFailed('The address is not a URL', { cause: error })
  }
}

async function resolvePinned(
  deps: PolicyDeps,
  host: string,
  isPrivateAllowed: boolean,
  pins: Map<string, readonly string[]>,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  const pinned = pins.get(host)
  if (pinned !== undefined) return pinned
  const addresses = await (isPrivateAllowed ? deps.resolveLocally(host) : deps.resolve(host))
  // Two requests at once: the first answer stays.
  const first = pins.get(host) ?? addresses
  pins.set(host, first)
  return first
}
