import { creditWords, grouped, microOf } from './credits.ts'

/** An agent of one's own, as its publisher sees it. */
export type OwnAgent = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly slug: string
  readonly status: 'draft' | 'in_review' | 'active' | 'inactive' | 'suspended'
  readonly visibility: 'private' | 'unlisted' | 'public'
  readonly version: number | null
  readonly lately: {
    readonly days: number
    readonly runs: number
    readonly failed: number
    readonly earned: string
  }
}

/** Items of a list as the client types them: a caller may ask for some fields only. */
type Listed = { readonly [K in keyof OwnAgent]?: OwnAgent[K] | undefined }

/** The agents of a list that was asked for whole. */
export function readOwnAgents(items: readonly Listed[]): OwnAgent[] {
  return items.flatMap(({ id, name, owner, slug, status, visibility, version, lately }) =>
    id === undefined ||
    name === undefined ||
    owner === undefined ||
    slug === undefined ||
    status === undefined ||
    visibility === undefined ||
    version === undefined ||
    lately === undefined
      ? []
      : [{ id, name, owner, slug, status, visibility, version, lately }],
  )
}

const STANDING = {
  draft: 'Draft',
  in_review: 'In review',
  active: 'Live',
  inactive: 'Taken out',
  suspended: 'Suspended',
} as const satisfies Record<OwnAgent['status'], string>
const SEEN = {
  private: 'for this account alone',
  unlisted: 'for who has its address',
  public: 'for everybody',
} as const satisfies Record<OwnAgent['visibility'], string>

export const standingWords = ({ status }: OwnAgent): string => STANDING[status]

/** Which version there is, and who sees it. */
export const versionWords = ({ version, visibility }: OwnAgent): string =>
  `${version === null ? 'No version yet' : `Version ${version}`}, ${SEEN[visibility]}`

/** How it did, in one sentence: its publisher's own runs are not among them. */
export function latelyWords({ lately: { days, runs, failed, earned } }: OwnAgent): string {
  if (runs === 0) return `Nobody else ran it in ${days} days.`
  const ran = `${grouped(runs)} ${runs === 1 ? 'run' : 'runs'} in ${days} days`
  const fails = failed === 0 ? 'none failed' : `${grouped(failed)} failed`
  return `${ran}, ${fails}, ${microOf(earned) === 0n ? 'nothing' : creditWords(earned)} earned.`
}
