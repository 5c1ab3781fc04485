import type { Driver, DriverSearch } from './driver.ts'
import type { IsolationGrade, SelfTestCheck } from './sandbox.types.ts'

export type GradeFacts = {
  readonly grade: IsolationGrade
  readonly driver: Driver['kind'] | null
  /** What keeps a stronger driver away, where one was looked for. */
  readonly lacking: DriverSearch['lacking']
  readonly checks: readonly SelfTestCheck[]
}

export type Explanation = {
  /** Why isolation is below `strong`; null where it is not. */
  readonly why: string | null
  /** The one command that lifts it, where there is one. */
  readonly mend: string | null
}

const NOTHING_TO_SAY: Explanation = { why: null, mend: null }
const MAX_NAMES = 3
const MAX_SAID = 300
/** The operating system's walls are built in two ways: what one of them leaves out, the other may not. */
const OTHER_WALLS: Readonly<Record<Driver['kind'], string | null>> = {
  bubblewrap: 'BUREAU_SANDBOX_DRIVER=util-linux npm start',
  'util-linux': 'BUREAU_SANDBOX_DRIVER=bubblewrap npm start',
  deno: null,
}

/** What an operator reads beside a grade below `strong`. */
export function explainGrade({ grade, driver, lacking, checks }: GradeFacts): Explanation {
  if (driver === null) return lacking ?? NOTHING_TO_SAY
  if (grade === 'strong') return NOTHING_TO_SAY
  if (checks.length === 0) return { why: 'its walls have not been tried yet', mend: null }
  // Deno alone: what it has held, and what it lacks is known from the start.
  if (driver === 'deno' && grade === 'process') return lacking ?? { why: namesOfFallen(checks), mend: null }
  return { why: namesOfFallen(checks), mend: byOtherWalls(driver, lacking, checks) }
}

/** How many walls fell and which, in a line that can be read. */
export function namesOfFallen(checks: readonly SelfTestCheck[]): string {
  const fallen = checks.filter((check) => !check.held).map((check) => check.name)
  const more = fallen.length - MAX_NAMES
  const names = `${fallen.slice(0, MAX_NAMES).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
  return `${fallen.length} of ${checks.length} checks found a wall missing (${names})`
}

/** The driver works, and no sandbox by it comes up. */
export function whyNothingBoots(driver: Driver['kind'], error: unknown): NonNullable<DriverSearch['lacking']> {
  const said = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : 'it failed'
  return { why: `sandboxes by ${driver} do not boot: ${said.slice(0, MAX_SAID)}`, mend: OTHER_WALLS[driver] }
}

/** What a caller is told whose run is refused for it. */
export const adviceOf = (mend: string | null): string =>
  mend === null ? 'Only the operator can change it.' : `The operator can mend it with: ${mend}`

function byOtherWalls(
  driver: Driver['kind'],
  lacking: DriverSearch['lacking'],
  checks: readonly SelfTestCheck[],
): string | null {
  const isOfDriver = checks.some((check) => !check.held && /^(walls|outside|namespaces): /.test(check.name))
  if (!isOfDriver) return null
  return driver === 'util-linux' && lacking !== null ? lacking.mend : OTHER_WALLS[driver]
}
