import { parseArgs } from 'node:util'
import { doctor } from './cli/doctor.ts'
import { createAdmin } from './cli/create-admin.ts'
import { grantAccount } from './cli/grant-account.ts'
import { markTrial } from './cli/mark-trial.ts'
import { publishFolder } from './cli/publish-folder.ts'
import { EX_CONFIG, ConfigError } from './platform/config.ts'
import { EnhancedAppError } from './platform/errors.ts'
import { DataDirectoryInUseError } from './platform/embedded-postgres.ts'
import { readConfig } from './roles/config.ts'

const USAGE = `Usage:
  bureau admin create <email> [--name NAME]
      Make the first admin, or let a lost one back in: prints a link that works once, for an hour. Deletes nobody.
  bureau credits grant <email|account> <credits>
      Give the personal account of that person, or the account of that short name (a team's), credits to spend.
  bureau agent trial <owner/slug> on|off
      Let guests without an account run that agent some times a day, at the expense of the site, or not any more.
  bureau agent publish <folder> [--slug SLUG] [--visibility private|unlisted|public]
      Publish the agent in that folder, as the owner of the API key in BUREAU_API_KEY, on the site at BUREAU_API_URL.
  bureau doctor
      Try every wall between agents and this machine, look at its settings, and say what to type where one is amiss.
      Exits with 0 where isolation is strong, otherwise with 1.

The first three work on the database of the site on this machine, which must have been started once; their configuration
is that of the site (npm start -- --help).
`

/** sysexits.h: the command was used wrongly. */
const EX_USAGE = 64

type Command = (args: readonly string[], options: Options) => Promise<string> | null
type Options = { readonly name?: string; readonly slug?: string; readonly visibility?: string }

/** By their first two words. A command answers null where its arguments are not right, otherwise what to print. */
const commands: Readonly<Record<string, Command>> = {
  'admin create': ([email, ...rest], { name }) =>
    email === undefined || rest.length > 0
      ? null
      : createAdmin(readConfig(), { email, ...(name === undefined ? {} : { name }) }),
  'credits grant': ([to, amount, ...rest]) =>
    to === undefined || amount === undefined || rest.length > 0 ? null : grantAccount(readConfig(), { to, amount }),
  'agent trial': ([name = '', state, ...rest]) => {
    const [owner = '', slug = '', ...more] = name.split('/')
    const isWhole = owner !== '' && slug !== '' && more.length === 0 && rest.length === 0
    if (!isWhole || (state !== 'on' && state !== 'off')) return null
    return markTrial(readConfig(), { owner, slug, isTrial: state === 'on' })
  },
  'agent publish': ([folder, ...rest], options) =>
    folder === undefined || rest.length > 0
      ? null
      : publishFolder({ folder, ...options }, (step) => void process.stderr.write(`${step}\n`)),
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      slug: { type: 'string' },
      visibility: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const [noun = '', verb = '', ...args] = positionals
  if (noun === 'doctor' && verb === '' && values.help !== true) {
    const { text, isStrong } = await doctor(readConfig())
    process.stdout.write(text)
    return isStrong ? 0 : 1
  }
  const name = `${noun} ${verb}`
  const answer = Object.hasOwn(commands, name) ? commands[name]?.(args, values) : null
  if (values.help === true || answer === null || answer === undefined) {
    process[values.help === true ? 'stdout' : 'stderr'].write(USAGE)
    return values.help === true ? 0 : EX_USAGE
  }
  process.stdout.write(await answer)
  return 0
}

function problemOf(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.join('\n')
  if (error instanceof EnhancedAppError && error.code === 'DEPENDENCY_UNAVAILABLE')
    return 'The database does not answer. Start the site (npm start) and run this beside it.'
  if (error instanceof EnhancedAppError) return `${error.code}: ${error.spec.title}. ${error.fix}`
  if (error instanceof DataDirectoryInUseError) return error.message
  return error instanceof Error ? error.message : String(error)
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${problemOf(error)}\n`)
  return error instanceof ConfigError ? EX_CONFIG : 1
})
