import { isRecord, textOr } from './is-record.ts'

export type StatusLine = {
  readonly name: string
  readonly words: string
  readonly is: 'good' | 'warn' | 'bad' | 'none'
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

const GRADES: Readonly<Record<string, Omit<StatusLine, 'name'>>> = {
  strong: { words: 'Strong: walls tried at start', is: 'good' },
  process: { words: 'By process only: agents of admins run', is: 'warn' },
  none: { words: 'None', is: 'bad' },
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
  const grade = GRADES[textOr(sandbox['grade'], '')]
  if (grade !== undefined) lines.push({ name: 'Isolation of agents', ...grade })
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
