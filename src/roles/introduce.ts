import { DEFAULT_PORT, type Assembly } from './assemble.ts'
import type { Demo } from './seed-demo.ts'

/** The last lines of a start: where it is, how well it isolates, and what to type. */
export function introduce(facts: {
  readonly assembly: Assembly
  readonly demo: Demo | null
  /** The port that was asked for; without one, another than the usual is explained. */
  readonly port: number | undefined
  /** Where mails become files; null where a server takes them. */
  readonly mailFolder: string | null
  readonly say: (line: string) => void
}): void {
  const { assembly, demo, say } = facts
  const port = Number(new URL(assembly.url).port)
  if (facts.port === undefined && port !== DEFAULT_PORT)
    say(`Port ${DEFAULT_PORT} is taken, so it is ${port} this time.`)
  const { grade, driver, why, mend, checks, python } = assembly.sandbox.report()
  say(`\nBureau is at ${assembly.url}`)
  say(`API reference: ${assembly.url}/docs`)
  say(`Isolation: ${grade} (${driver})${why === null ? '' : `: ${why}`}`)
  if (grade !== 'strong') {
    for (const check of checks.filter((one) => !one.held)) say(`  not held: ${check.name} (${check.evidence})`)
    say('  Below strong, only agents published by an admin run.')
    if (mend !== null) say(`  To mend it:  ${mend}`)
  }
  if (python.grade === 'none') say(`Agents in Python are not served: ${python.why ?? 'isolation is too weak'}`)
  if (python.mend !== null) say(`  To mend it:  ${python.mend}`)
  if (demo === null) {
    say('First time here? Make an admin:  npx bureau admin create you@example.com')
    return
  }
  say(`\nProfile a CSV file as the demo account (${demo.credits} credits):\n`)
  say(`  ${demo.curl}\n`)
  if (facts.mailFolder !== null)
    say(`Mails, such as the link that confirms a registration, are files in ${facts.mailFolder}`)
  say('Credits for whoever registered:  npx bureau credits grant you@example.com 100\n')
}
