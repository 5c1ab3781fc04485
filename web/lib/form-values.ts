import { isRecord } from './is-record.ts'
import type { Members } from './json-text.ts'
import type { Field } from './schema-fields.ts'
import { sizeWords } from './size-words.ts'

/** What was typed into a form: each value as JSON text, by name. Fields read and write that text, so that going from
 * form to JSON and back changes no character of a value that nobody touched. */
export type FormValues = Members

export const rawOf = (values: FormValues, name: string): string | undefined => values.find(([key]) => key === name)?.[1]

/** The values with one of them set, in its place; `undefined` takes it out. */
export function withValue(values: FormValues, name: string, raw: string | undefined): FormValues {
  if (raw === undefined) return values.filter(([key]) => key !== name)
  if (!values.some(([key]) => key === name)) return [...values, [name, raw]]
  return values.map((member) => (member[0] === name ? [name, raw] : member))
}

/** JSON text as a value, or undefined where it is none (a half-typed `json` field). */
export function valueOf(raw: string | undefined): unknown {
  if (raw === undefined) return undefined
  try {
    return JSON.parse(raw)
  } catch {
    return undefined // shown as the field's error, by problemOfField
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** What stands in a text box for a value. */
export function typedOf(field: Field, raw: string | undefined): string {
  if (raw === undefined) return ''
  if (field.kind === 'json') return raw
  const value = valueOf(raw)
  if (field.kind === 'list') return Array.isArray(value) ? value.map((each) => lineOf(each)).join('\n') : raw
  if (field.kind === 'date' && typeof value === 'string' && field.inputType === 'datetime-local') return localOf(value)
  return typeof value === 'string' ? value : raw
}

const lineOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The JSON text of what was typed; undefined for nothing. A number that is none yet is kept as a string: it shows its
 * error, and nothing of it is lost on the way to JSON and back. */
export function rawOfTyped(field: Field, typed: string): string | undefined {
  if (typed === '') return undefined
  switch (field.kind) {
    case 'number': {
      const plain = typed
        .trim()
        .replace(/^\+/, '')
        .replace(/^(-?)\./, '$10.')
      return NUMBER.test(plain) ? plain : JSON.stringify(typed)
    }
    case 'list': {
      const lines = typed.split('\n')
      const items = lines.map((line) =>
        field.of === 'number' && NUMBER.test(line.trim()) ? line.trim() : JSON.stringify(line),
      )
      return `[${items.join(', ')}]`
    }
    case 'date':
      return JSON.stringify(field.inputType === 'datetime-local' ? isoOf(typed) : typed)
    case 'json':
      return typed
    default:
      return JSON.stringify(typed)
  }
}

function localOf(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

function isoOf(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? local : at.toISOString()
}

/** What is wrong with a field's value, in words for beside it; null for nothing. The server decides; this only saves
 * the way. Patterns are left to it: a stranger's expression is not run in a caller's browser. */
export function problemOfField(field: Field, raw: string | undefined): string | null {
  if (raw === undefined) return field.isRequired ? 'Please fill this in' : null
  if (field.kind === 'json') return valueOf(raw) === undefined ? 'This is not valid JSON yet' : null
  const value = valueOf(raw)
  switch (field.kind) {
    case 'number':
      return problemOfNumber(field, value)
    case 'text':
    case 'secret':
      return typeof value === 'string' ? problemOfText(field, value) : 'Has to be text'
    case 'boolean':
      return typeof value === 'boolean' ? null : 'Has to be yes or no'
    case 'choice':
      return field.choices.some((choice) => choice.raw === JSON.stringify(value)) ? null : 'Choose one from the list'
    case 'date':
      return typeof value === 'string' && !Number.isNaN(new Date(value).getTime()) ? null : 'Has to be a date'
    case 'list':
      return problemOfList(field, value)
    case 'file':
      return problemOfFile(field, value)
  }
}

function problemOfNumber(field: Extract<Field, { kind: 'number' }>, value: unknown): string | null {
  if (typeof value !== 'number') return 'Has to be a number'
  if (field.isWhole && !Number.isInteger(value)) return 'Has to be a whole number'
  if (field.min !== null && value < field.min) return `Has to be at least ${field.min}`
  if (field.max !== null && value > field.max) return `Has to be at most ${field.max}`
  return null
}

function problemOfText(
  field: {
    readonly kind: string
    readonly inputType?: string
    readonly minLength: number | null
    readonly maxLength: number | null
  },
  value: string,
): string | null {
  if (field.minLength !== null && value.length < field.minLength)
    return field.minLength === 1 ? 'Please fill this in' : `Has to have at least ${field.minLength} characters`
  if (field.maxLength !== null && value.length > field.maxLength)
    return `Has to have at most ${field.maxLength} characters; these are ${value.length}`
  if (field.inputType === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return 'Has to be an e-mail address'
  if (field.inputType === 'url' && !URL.canParse(value)) return 'Has to be a whole address, with https://'
  return null
}

function problemOfList(field: Extract<Field, { kind: 'list' }>, value: unknown): string | null {
  if (!Array.isArray(value)) return 'Has to be a list'
  if (field.of === 'number' && value.some((each) => typeof each !== 'number')) return 'Every line has to be a number'
  if (field.minItems !== null && value.length < field.minItems) return `At least ${field.minItems} are needed`
  if (field.maxItems !== null && value.length > field.maxItems) return `At most ${field.maxItems} are taken`
  return null
}

function problemOfFile(field: Extract<Field, { kind: 'file' }>, value: unknown): string | null {
  const file = fileOf(value)
  if (file === null) return 'Choose a file'
  if (file.kind === 'url' && !/^https:\/\/\S+$/.test(file.url)) return 'The address has to begin with https://'
  if (field.maxBytes !== null && (file.kind === 'inline' || file.kind === 'bytes') && file.sizeBytes > field.maxBytes)
    return `At most ${sizeWords(field.maxBytes)}; this has ${sizeWords(file.sizeBytes)}`
  return null
}

/** A file in an input: its text, its bytes, one that was uploaded, or an address that the site fetches. */
export type FileValue =
  | { readonly kind: 'inline'; readonly text: string; readonly sizeBytes: number }
  | { readonly kind: 'bytes'; readonly name: string; readonly sizeBytes: number }
  | { readonly kind: 'upload'; readonly id: string }
  | { readonly kind: 'url'; readonly url: string }

export function fileOf(value: unknown): FileValue | null {
  if (typeof value === 'string')
    return { kind: 'inline', text: value, sizeBytes: new TextEncoder().encode(value).byteLength }
  if (!isRecord(value)) return null
  const bytes = value['$base64']
  if (typeof bytes === 'string') {
    const padding = bytes.endsWith('==') ? 2 : bytes.endsWith('=') ? 1 : 0
    const sizeBytes = Math.max(0, (bytes.length / 4) * 3 - padding)
    return { kind: 'bytes', name: typeof value['name'] === 'string' ? value['name'] : 'A file', sizeBytes }
  }
  const id = value['$upload']
  if (typeof id === 'string') return { kind: 'upload', id }
  return typeof value['$url'] === 'string' ? { kind: 'url', url: value['$url'] } : null
}

/** The input of a run as it can be sent again: a file that came with it is named by its upload, as the API takes one. */
export function sendableInput(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(sendableInput)
  if (!isRecord(input)) return input
  const { uploadId } = input
  if ('$file' in input && typeof uploadId === 'string') return { $upload: uploadId }
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, sendableInput(value)]))
}

/** What is wrong, by field, in the order of the form. */
export function problemsOf(fields: readonly Field[], values: FormValues): Map<string, string> {
  const problems = new Map<string, string>()
  for (const field of fields) {
    const problem = problemOfField(field, rawOf(values, field.name))
    if (problem !== null) problems.set(field.name, problem)
  }
  return problems
}

/** The values that may be kept for the session: secrets are typed anew. */
export function withoutSecrets(fields: readonly Field[], values: FormValues): FormValues {
  const secrets = new Set(fields.filter((field) => field.kind === 'secret').map((field) => field.name))
  return values.filter(([name]) => !secrets.has(name))
}
