import { agentsOptions } from '../agents/index.ts'
import { creditsOptions } from '../credits/index.ts'
import { deploymentsOptions } from '../deployments/index.ts'
import { filesOptions } from '../files/index.ts'
import { gatewayOptions } from '../gateway/index.ts'
import { httpOptions } from '../http/index.ts'
import { jobsOptions } from '../jobs/index.ts'
import { operationsOptions } from '../operations/index.ts'
import { loadConfig, type OptionGroup } from '../platform/config.ts'
import { platformOptions } from '../platform/platform.options.ts'
import { realtimeOptions } from '../realtime/index.ts'
import { retentionOptions, runsOptions, trialsOptions } from '../runs/index.ts'
import { sandboxOptions } from '../sandbox/index.ts'
import { usersOptions } from '../users/index.ts'

/** Every domain's options. `--help`, `.env.example` and docs/configuration.md are made from it. */
export const optionGroups = {
  platform: platformOptions,
  http: httpOptions,
  gateway: gatewayOptions,
  users: usersOptions,
  credits: creditsOptions,
  jobs: jobsOptions,
  files: filesOptions,
  agents: agentsOptions,
  deployments: deploymentsOptions,
  sandbox: sandboxOptions,
  runs: runsOptions,
  retention: retentionOptions,
  trials: trialsOptions,
  realtime: realtimeOptions,
  operations: operationsOptions,
} as const satisfies Record<string, OptionGroup>

export type BureauConfig = ReturnType<typeof readConfig>

/** The configuration of this process, parsed once.
 * @throws ConfigError naming every problem */
export function readConfig() {
  return loadConfig(optionGroups)
}

/** One paragraph a variable. */
export function printHelp(say: (line: string) => void): void {
  say('Bureau: a self-hostable AI-agent agency.\n\nUsage: npm start, configured by these variables:\n')
  const groups: readonly OptionGroup[] = Object.values(optionGroups)
  for (const group of groups) {
    for (const declared of Object.values(group)) {
      const unit = declared.unit === undefined ? '' : ` (${declared.unit})`
      say(
        `  ${declared.variable}${declared.secret ? ' or ' + declared.variable + '_FILE' : ''}${unit}\n      ${declared.why}`,
      )
    }
  }
}
