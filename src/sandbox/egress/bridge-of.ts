import type { Parsed } from '../../platform/config.ts'
import type { sandboxOptions } from '../sandbox.options.ts'
import type { BridgeDeps } from './fetch-bridge.ts'
import { createResolver, resolveLocally } from './resolve.ts'

/** What the operator's settings make of the bridge. */
export function bridgeOf(config: Parsed<typeof sandboxOptions>): BridgeDeps {
  return {
    egress: {
      isOff: config.egress === 'off',
      privateHosts: config.egressPrivateHosts,
      resolve: createResolver(config.egressDns),
      resolveLocally,
      limits: {
        connectMs: Math.min(10_000, config.egressIdleMs),
        idleMs: config.egressIdleMs,
        totalMs: config.egressTimeoutMs,
        maxResponseBytes: config.egressResponseBytes,
        maxRequestBytes: config.egressRequestBytes,
      },
    },
    limits: { maxRequests: config.egressRunRequests, maxRunBytes: config.egressRunBytes, maxAtOnce: 8 },
  }
}
