import type { FieldIssue } from './run-problem.ts'

/** What is wrong with which field of a form, the first of each, as a sentence. */
export function issuesByField(issues: readonly FieldIssue[]): ReadonlyMap<string, string> {
  const byField = new Map<string, string>()
  for (const issue of issues) {
    const { field, below } = fieldOfPath(issue.path)
    const message = below === '' ? issue.message : `${below}: ${issue.message}`
    if (field !== '' && !byField.has(field)) byField.set(field, message.charAt(0).toUpperCase() + message.slice(1))
  }
  return byField
}

/** The top-level field that a JSON Pointer (or a dotted path) names, and what is below it. */
function fieldOfPath(path: string): { readonly field: string; readonly below: string } {
  const parts = path.startsWith('/') ? path.slice(1).split('/').map(unescapePointer) : path.split('.')
  const [field = '', ...below] = parts
  return { field, below: below.join(' › ') }
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
