import type { Problem } from './problem.ts'

/** What is wrong with which field, by the field's name. */
export type Faults = Readonly<Record<string, string>>

/** The faults of a problem that belong to fields of this form. `/scopes/0` belongs to `scopes`. */
export function faultsOf(problem: Pick<Problem, 'fields'>, names: readonly string[]): Faults {
  const faults: Record<string, string> = {}
  for (const { path, message } of problem.fields) {
    const name = path.split('/')[1] ?? ''
    if (names.includes(name) && faults[name] === undefined) faults[name] = sentence(message)
  }
  return faults
}

/** The API's messages go on from the field's name ("is missing"); beside the field they stand alone. */
export function sentence(message: string): string {
  const text = message.trim()
  return text === '' ? 'Is not valid' : text.charAt(0).toUpperCase() + text.slice(1)
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** Why this is no e-mail address, in so far as a form can know. */
export function emailFault(email: string): string | undefined {
  const text = email.trim()
  if (text === '') return 'Enter your e-mail address'
  return EMAIL.test(text) || /^[^\s@]+@localhost$/.test(text)
    ? undefined
    : 'Is not an e-mail address, such as ana@example.com'
}

export const MIN_PASSWORD_LENGTH = 10

/** Why this cannot be a new password; what is easy to guess is judged by the server. */
export function newPasswordFault(password: string): string | undefined {
  if (password === '') return 'Choose a password'
  return password.length < MIN_PASSWORD_LENGTH ? `Needs at least ${MIN_PASSWORD_LENGTH} characters` : undefined
}

/** A form's values without those that have nothing wrong. */
export function present(faults: Readonly<Record<string, string | undefined>>): Faults {
  return Object.fromEntries(
    Object.entries(faults).flatMap(([name, fault]) => (fault === undefined ? [] : [[name, fault]])),
  )
}

/** A problem that is about one field although the API, which knows no form, names none. */
export function atField(problem: Problem, code: string, path: string): Problem {
  return problem.code === code && problem.fields.length === 0
    ? { ...problem, fields: [{ path, message: problem.title }] }
    : problem
}
