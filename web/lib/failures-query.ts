import type { Search } from './search-params.ts'
import { firstOf } from './search-params.ts'

/** What the page of an agent's failures shows; all of it stands in the address. */
export type FailuresQuery = {
  readonly code: string | null
  readonly version: number | null
  /** As it was typed: what somebody pastes from a mail has blanks around it. */
  readonly run: string | null
  readonly cursor: string | null
}

const NOTHING: FailuresQuery = { code: null, version: null, run: null, cursor: null }
const RUN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function readFailuresQuery(search: Search): FailuresQuery {
  const one = (name: string): string | null => firstOf(search[name])?.trim().slice(0, 500) || null
  const code = one('code')
  const version = one('version') ?? ''
  return {
    code: code !== null && /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? code : null,
    version: /^[1-9]\d{0,8}$/.test(version) ? Number(version) : null,
    run: one('run'),
    cursor: one('cursor'),
  }
}

export const isRunId = (text: string): boolean => RUN_ID.test(text)

/** @param path of the page @param shown what it shows then; nothing left out shows all */
export function failuresHref(path: string, shown: Partial<FailuresQuery> = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...NOTHING, ...shown })) if (value !== null) params.set(name, `${value}`)
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}
