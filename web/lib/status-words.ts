import { isRecord, textOr } from './is-record.ts'

export type StatusLine = {
  readonly name: string
  readonly words: string
  readonly is: 'good' | 'warn' | 'bad' | 'none'
  /** What whoever runs the site should know of it: why, what was seen, and what to type. */
  readonly more?: { readonly why: string | null; readonly seen: readonly string[]; readonly mend: string | null }
}

const TITLES: Readonly<Record<string, string>> = {
  ok: 'Everything works',
  degraded: 'Runs are served, but something is not well',
  failed: 'Runs cannot be served now',
}

const PARTS = [
  ['database', 'Database'],
  ['files', 'Files'],
  ['redis', 'Cache between processes'],
] as const

const GRADES: Readonly<Record<string, Pick<StatusLine, 'words' | 'is'>>> = {
  strong: { words: 'Strong: walls tried at start', is: 'good' },
  process: { words: 'By process only: just agents of admins run', is: 'warn' },
  none: { words: 'None: just agents of admins run', is: 'bad' },
}
/** Where the operator chose to go without. */
const OVERRIDDEN: typeof GRADES = {
  process: { words: 'By process only, and everybody’s agents run all the same', is: 'bad' },
  none: { words: 'None, and everybody’s agents run all the same', is: 'bad' },
}

/** What the health report says, in words. What is not used here is not a fault. */
export function statusLines(health: unknown): {
  readonly title: string
  readonly lines: StatusLine[]
  readonly at: string | null
} {
  const given = isRecord(health) ? health : {}
  const sandbox = isRecord(given['sandbox']) ? given['sandbox'] : {}
  const lines: StatusLine[] = PARTS.flatMap(([key, name]) => {
    const state = given[key]
    if (state === 'not_configured') return []
    return [
      {
        name,
        words: state === 'ok' ? 'Works' : state === 'failed' ? 'Does not answer' : 'Not known',
        is: state === 'ok' ? 'good' : state === 'failed' ? 'bad' : 'none',
      },
    ]
  })
  lines.push(...isolationLines(sandbox), ...pythonLines(sandbox['python']))
  const { running, waiting } = sandbox
  if (typeof running === 'number' && typeof waiting === 'number')
    lines.push({ name: 'Runs', words: `${running} running, ${waiting} waiting`, is: 'none' })
  const at = given['timestamp']
  return {
    title: TITLES[textOr(given['status'], '')] ?? 'The state of this site is not known now',
    lines,
    at: typeof at === 'string' ? at : null,
  }
}

function isolationLines(sandbox: Readonly<Record<string, unknown>>): StatusLine[] {
  const name = 'Isolation of agents'
  const grade = textOr(sandbox['grade'], '')
  if (textOr(sandbox['driver'], '') === 'none')
    return [{ name, words: 'No sandbox can be made: nothing runs', is: 'bad', more: moreOf(sandbox) }]
  const said = (sandbox['weakIsolationAllowed'] === true ? OVERRIDDEN[grade] : undefined) ?? GRADES[grade]
  if (said === undefined) return []
  return [grade === 'strong' ? { name, ...said } : { name, ...said, more: moreOf(sandbox) }]
}

/** Nothing before the first of them is needed. */
function pythonLines(python: unknown): StatusLine[] {
  const name = 'Agents in Python'
  if (!isRecord(python)) return []
  const grade = textOr(python['grade'], 'untried')
  if (grade === 'untried') return []
  if (grade === 'strong') return [{ name, words: `Served by CPython ${textOr(python['version'], '')}`, is: 'good' }]
  return [{ name, words: 'Not served here', is: 'warn', more: moreOf(python) }]
}

const MOST_SEEN = 12

function moreOf(part: Readonly<Record<string, unknown>>): NonNullable<StatusLine['more']> {
  const fallen = Array.isArray(part['fallen']) ? part['fallen'].filter(isRecord) : []
  const seen = fallen.map((each) => `${textOr(each['wall'], 'a wall')}: ${textOr(each['evidence'], '')}`)
  const left = seen.length - MOST_SEEN
  return {
    why: textOr(part['why'], '') || null,
    seen: left > 0 ? [...seen.slice(0, MOST_SEEN), `and ${left} more, in /api/health`] : seen,
    mend: textOr(part['mend'], '') || null,
  }
}
