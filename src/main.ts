import { ConfigError, EX_CONFIG } from './platform/config.ts'
import { DataDirectoryInUseError } from './platform/embedded-postgres.ts'
import { startBureau, type Bureau } from './roles/start-bureau.ts'
import { printHelp, readConfig, type BureauConfig } from './roles/config.ts'

/** What the console of a person shows; a supervisor reads the JSON log instead. */
const say = (line: string): void => void process.stdout.write(`${line}\n`)

function configOrExit(): BureauConfig {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}:\n${error.problems.map((problem) => `  - ${problem}`).join('\n')}\n`)
    process.exit(EX_CONFIG)
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return printHelp(say)
  const config = configOrExit()
  let bureau: Bureau | undefined
  let isStopping = false
  const stop = (reason: string, exitCode: number): void => {
    if (isStopping) return
    isStopping = true
    // A site on services of its own logs JSON lines; only the embedded mode talks to a person.
    if (config.platform.databaseUrl === undefined) say(`\nStopping (${reason}) …`)
    // Whatever hangs, the process ends: a supervisor must not have to guess.
    setTimeout(() => process.exit(exitCode === 0 ? 1 : exitCode), 30_000).unref()
    const stopped = bureau === undefined ? aborted.abort() : bureau.stop()
    void Promise.resolve(stopped).finally(() => {
      if (bureau !== undefined) process.exit(exitCode)
    })
  }
  const aborted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal, 0))
  try {
    bureau = await startBureau(config, { say, signal: aborted.signal })
    // The signal came during the last step of the start, which had nothing to abort any more.
    if (aborted.signal.aborted) {
      await bureau.stop()
      process.exit(0)
    }
  } catch (error) {
    if (aborted.signal.aborted) process.exit(0)
    process.stderr.write(`${startProblem(error)}\n`)
    process.exit(error instanceof ConfigError ? EX_CONFIG : 1)
  }
}

function startProblem(error: unknown): string {
  if (error instanceof ConfigError)
    return [error.message, ...error.problems.map((problem) => `  - ${problem}`)].join('\n')
  if (error instanceof DataDirectoryInUseError) return error.message
  return `Bureau did not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

await main()
