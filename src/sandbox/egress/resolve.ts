import { lookup, Resolver } from 'node:dns/promises'
import { EgressFailed } from './egress.errors.ts'

/** All addresses of a host, IPv4 first. @throws EgressFailed when there is none */
export type Resolve = (host: string) => Promise<readonly string[]>

const TIMEOUT_MS = 3_000

/** Asks DNS, and nothing else: neither the hosts file nor the threads that file access shares with getaddrinfo, which
 * slow name servers of an agent's choice would otherwise hold up.
 * @param servers instead of those of the system */
export function createResolver(servers: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2, maxTimeout: TIMEOUT_MS })
  if (servers.length > 0) resolver.setServers(servers)
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = [...(v4.status === 'fulfilled' ? v4.value : []), ...(v6.status === 'fulfilled' ? v6.value : [])]
    if (found.length > 0) return found
    throw new EgressFailed(`The name ${host} cannot be resolved`, {
      cause: v4.status === 'rejected' ? v4.reason : undefined,
    })
  }
}

/** As any program of this machine would: for hosts that the operator has named, such as `localhost`. */
export const resolveLocally: Resolve = async (host) => {
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => address)
  } catch (error) {
    throw new EgressFailed(`The name ${host} cannot be resolved`, { cause: error })
  }
}
