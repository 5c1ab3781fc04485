import { randomBytes } from 'node:crypto'
import type { Execution } from '../../src/sandbox/index.ts'
import type { Outcome, Reach, RunAttack, Seen } from './attack.ts'
import type { Layer, Network } from './layers.ts'
import type { World } from './world.ts'

/** `escaped`: it answered its flag or the canary, or a door heard it. `sandbox failed`: ours, and no outcome at all. */
export type Verdict = {
  readonly outcome: Outcome | 'escaped' | 'sandbox failed'
  readonly code: string
  readonly said: string
}

/** How refusals read, whoever refuses: Deno's permissions, the kernel (EPERM 1, ENOENT 2, ESRCH 3, EACCES 13, EROFS 30,
 * ENOSYS 38 and network errors), a file system without the file. */
const REFUSALS =
  /NotCapable|requires unscoped|fetch failed|Module not found|failed, not found|Cannot find module|No path was found|ESRCH|lookup address|EAI_AGAIN|--no-remote|Failed to get user info|Failed to start inspector|Not a directory|web_cache|Requires \w+ access|PermissionDenied|NotFound|ENOENT|ENOSPC|EPERM|EACCES|EROFS|ENOSYS|denied|not permitted|[Nn]o such|os error (1|2|3|13|28|30|38|99|101|111)\b|errno (1|2|3|13|30|38)\b|ECONNREFUSED|ENETUNREACH|No space left|ReadOnly|[Rr]ead-only|unable to open/

/** Runs an attack on a layer, step by step, and judges the last. */
export async function attackOn(
  layer: Layer,
  world: World,
  attack: RunAttack,
  changes: {
    readonly limits?: RunAttack['limits']
    readonly samePrincipal?: boolean
    readonly reach?: Partial<Reach>
  } = {},
): Promise<Verdict> {
  const steps = attack.steps ?? [null]
  const trial = randomBytes(4).toString('hex')
  let verdict: Verdict | null = null
  for (const [step, principal] of steps.entries()) {
    const flag = `flag${randomBytes(12).toString('hex')}`
    const input = world.input(flag, step)
    const reach = attack.reach === undefined ? undefined : { ...attack.reach, ...changes.reach }
    const secret = reach?.hasShortSecret === true ? '~^' : `sk-${randomBytes(9).toString('hex')}`
    const { execution, seen } = await layer.run({
      source: attack.source.replaceAll('{canary}', input.canary),
      input,
      principal: principal === null ? null : `${trial} ${changes.samePrincipal === true ? 'same' : principal}`,
      limits: { ...attack.limits, ...changes.limits },
      charges: attack.charges,
      network: reach === undefined ? undefined : networkOf(reach, world, secret),
    })
    const hasSecret = reach?.secretFor !== undefined
    // Backwards too: an agent may turn it round, so that nobody recognises it on its way out.
    const secretForms = hasSecret ? [secret, secret.split('').toReversed().join('')] : []
    const forbidden = [flag, world.canaryValue, ...secretForms, ...(attack.forbidden ?? [])]
    const broke = world.heard(flag) || (hasSecret && world.heard(secret)) || attack.breaks?.(seen) === true
    verdict = judge(execution, seen, forbidden, broke)
  }
  if (verdict === null) throw new Error(`${attack.name} has no step`)
  return verdict
}

export function networkOf(reach: Reach, world: World, secret: string): Network {
  const at = (hosts: readonly string[]): readonly string[] => hosts.map((each) => world.withPorts(each))
  const { hosts, privateHosts = [], secretFor, limits = {} } = reach
  return {
    grant: {
      hosts: at(hosts),
      secrets: new Map(secretFor === undefined ? [] : [['KEY', { value: secret, hosts: at(secretFor) }]]),
    },
    privateHosts: at(privateHosts),
    resolve: world.resolver(),
    limits,
  }
}

function judge(execution: Execution, seen: Seen, forbidden: readonly string[], broke: boolean): Verdict {
  const failure = execution.kind === 'failed' ? execution : null
  const code = failure === null ? execution.kind : failure.code
  const output = execution.kind === 'succeeded' ? execution.outputJson.toString('latin1') : ''
  const everything = [
    output,
    failure?.message,
    failure?.stack,
    JSON.stringify(failure?.issues),
    JSON.stringify(execution.logs),
    JSON.stringify(execution.egress),
    JSON.stringify(seen),
  ].join('\n')
  const said = (failure?.message ?? output).slice(0, 160)
  if (broke || forbidden.some((each) => everything.includes(each))) return { outcome: 'escaped', code, said }
  if (execution.kind === 'timed_out' || code === 'RUN_CPU_EXCEEDED') return { outcome: 'timeout', code, said }
  if (code === 'RUN_OUT_OF_MEMORY') return { outcome: 'memory', code, said }
  if (code === 'SANDBOX_FAILED') return { outcome: 'sandbox failed', code, said }
  if (failure === null) return { outcome: 'ok-contained', code, said }
  const isRefusal = code === 'EGRESS_DENIED' || REFUSALS.test(failure.message)
  return { outcome: isRefusal ? 'denied' : 'error', code, said }
}
