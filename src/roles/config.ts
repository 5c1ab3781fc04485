import { filesOptions } from '../files/index.ts'
import { httpOptions } from '../http/index.ts'
import { loadConfig, type OptionGroup } from '../platform/config.ts'
import { platformOptions } from '../platform/platform.options.ts'
import { runsOptions } from '../runs/index.ts'
import { sandboxOptions } from '../sandbox/index.ts'

/** Every domain's options. `--help`, `.env.example` and docs/configuration.md are made from it. */
export const optionGroups = {
  platform: platformOptions,
  http: httpOptions,
  files: filesOptions,
  sandbox: sandboxOptions,
  runs: runsOptions,
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
  for (const group of Object.values(optionGroups)) {
    for (const declared of Object.values(group)) {
      const unit = 'unit' in declared && declared.unit !== undefined ? ` (${declared.unit})` : ''
      say(`  ${declared.variable}${declared.secret ? ' or ' + declared.variable + '_FILE' : ''}${unit}\n      ${declared.why}`)
    }
  }
}
