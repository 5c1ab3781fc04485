import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** One documented environment variable. */
export type Option<T> = {
  readonly variable: string
  readonly schema: z.ZodType<T>
  readonly why: string
  readonly unit?: string
  readonly secret: boolean
}

type OptionFacts = { readonly why: string; readonly unit?: string; readonly secret?: boolean }

/** Declares an option: its variable, its shape (with the default inside the schema) and why it exists.
 * A secret may also be given as a file named by `VARIABLE_FILE`. */
export function option<T>(variable: string, schema: z.ZodType<T>, facts: OptionFacts): Option<T> {
  return {
    variable,
    schema,
    why: facts.why,
    secret: facts.secret ?? false,
    ...(facts.unit ? { unit: facts.unit } : {}),
  }
}

/** A list in one variable, its parts separated by commas; empty by default. */
export const commaList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )

export type OptionGroup = Readonly<Record<string, Option<unknown>>>
export type Parsed<G extends OptionGroup> = { readonly [K in keyof G]: G[K] extends Option<infer T> ? T : never }

/** Everything wrong with the environment, at once. The process exits with {@link EX_CONFIG}. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** sysexits.h: configuration error. A supervisor that reads exit codes does not restart into the same fault. */
export const EX_CONFIG = 78

/** Parses and freezes every group once. Empty means unset.
 * @param groups the option groups of all domains, by the name under which each gets its part back
 * @param env where to read from; only `main.ts` and tests pass it
 * @throws ConfigError naming every problem, not only the first */
export function loadConfig<const G extends Readonly<Record<string, OptionGroup>>>(
  groups: G,
  env?: Readonly<Record<string, string | undefined>>,
): { readonly [K in keyof G]: Parsed<G[K]> }
// An overload instead of a cast: the loops write exactly the keys of `groups`, each parsed by its own schema.
export function loadConfig(
  groups: Readonly<Record<string, OptionGroup>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const problems: string[] = []
  const config: Record<string, Record<string, unknown>> = {}
  for (const [groupName, group] of Object.entries(groups)) {
    const part: Record<string, unknown> = {}
    for (const [name, declared] of Object.entries(group)) {
      const text = readVariable(declared, env, problems)
      const parsed = declared.schema.safeParse(text)
      if (parsed.success) part[name] = parsed.data
      else
        problems.push(
          `${declared.variable}: ${parsed.error.issues.map((issue) => issue.message).join('; ')} (${declared.why})`,
        )
    }
    config[groupName] = Object.freeze(part)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config)
}

function readVariable(
  declared: Option<unknown>,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined {
  const direct = env[declared.variable] || undefined
  if (!declared.secret) return direct
  const file = env[`${declared.variable}_FILE`] || undefined
  if (file === undefined) return direct
  if (direct !== undefined) {
    problems.push(`${declared.variable} and ${declared.variable}_FILE are both set: keep one`)
    return direct
  }
  try {
    return readFileSync(file, 'utf8').trimEnd() || undefined
  } catch (error) {
    problems.push(
      `${declared.variable}_FILE: cannot read ${file}: ${error instanceof Error ? error.message : 'unknown'}`,
    )
    return undefined
  }
}
