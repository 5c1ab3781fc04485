import { statement, type Queryable } from '../platform/database.ts'
import type { Permission, Principal } from '../users/index.ts'
import type { CanceledBy, RunRow } from './runs.schema.ts'

const KINDS = { user: 'person', key: 'key', visitor: 'guest' } as const
type PrincipalKind = keyof typeof KINDS

/** What a reader may do who is told the name: what shows it to them elsewhere as well. */
const NAMED_TO = { user: 'members.read', key: 'keys.read', visitor: null } as const satisfies Record<
  PrincipalKind,
  Permission | null
>

/** Two lookups by primary key, of which one finds something. A key's name is its account's. */
const FIND_NAME = statement<{ readonly name: string }>(
  'runs.find_canceled_by',
  `select name from "User" where $1 = 'user' and id = $2
   union all select name from "ApiKey" where $1 = 'key' and id = $2 and "accountId" = $3`,
)

/** Who stopped the run; null where nobody did, or where it was not noted yet. A name, never an address.
 * @param reader may read the run */
export async function canceledByOf(
  db: Queryable,
  run: Pick<RunRow, 'status' | 'accountId' | 'cancelAskedBy'>,
  reader: Pick<Principal, 'id' | 'permissions'>,
): Promise<CanceledBy | null> {
  const by = run.cancelAskedBy
  if (run.status !== 'canceled' || by === null) return null
  const [kind = '', id = ''] = by.split(':', 2)
  if (!isKnown(kind)) return null
  const permission = NAMED_TO[kind]
  const mayBeNamed = permission !== null && reader.permissions.has(permission)
  const [found] = mayBeNamed ? await db.query(FIND_NAME, [kind, id, run.accountId]) : []
  return { kind: KINDS[kind], isYou: by === reader.id, name: found?.name ?? null }
}

const isKnown = (kind: string): kind is PrincipalKind => Object.hasOwn(KINDS, kind)
