import { hash } from 'node:crypto'
import type { Queryable } from '../platform/database.ts'
import { statement } from '../platform/database.ts'

/** How many attempts are free, and how long the ones after them have to wait. */
export type Pace = {
  readonly free: number
  /** The first wait; doubled by each further attempt. */
  readonly firstMs: number
  readonly maxMs: number
  /** Without an attempt for so long, everything is forgotten. */
  readonly forgetMs: number
}

/** What attempts are counted under, hashed: what people type into forms is not kept. */
export const throttleKey = (kind: string, ...parts: readonly string[]): string =>
  `${kind}:${hash('sha256', parts.join('\n'), 'base64url')}`

/** Counts an attempt before it is made, so that a hundred at once are not all made before the first one is counted.
 * @returns null if it may be made, else milliseconds until the next one may */
export async function takeAttempt(db: Queryable, key: string, pace: Pace): Promise<number | null> {
  const taken = await db.query(TAKE, [key, pace.free, pace.firstMs, pace.maxMs, pace.forgetMs])
  if (taken.length > 0) return null
  const [row] = await db.query(FIND_WAIT, [key])
  // Gone meanwhile, or over: a moment is as good an answer as any.
  return Math.max(1, row?.waitMs ?? 1)
}

/** Takes one attempt back: it turned out not to be a guess. */
export const returnAttempt = (db: Queryable, key: string): Promise<number> => db.execute(RETURN, [key])

/** Forgets all attempts: whoever made the last one knew. */
export const forgetAttempts = (db: Queryable, keys: readonly string[]): Promise<number> => db.execute(FORGET, [keys])

/** Attempts counted under a key within the last so many milliseconds before its last one. */
export async function countAttempts(db: Queryable, key: string, forgetMs: number): Promise<number> {
  const [row] = await db.query(COUNT, [key, forgetMs])
  return row?.count ?? 0
}

/** The guard is in the WHERE: of attempts at once each waits for the row and then sees the block that the one before it
 * set. A free attempt sets one that is long over, and not `now()`, which for another process may still be to come.
 * @param $2 free $3 first wait $4 longest wait $5 forgotten after; waits in milliseconds */
const TAKE = statement<{ count: number }>(
  'users.take_attempt',
  `insert into "Throttle" as t (key, count, "blockedUntil", "updatedAt")
   values ($1, 1, case when $2::int > 1 then to_timestamp(0) else now() + $3::float8 * interval '1 millisecond' end, now())
   on conflict (key) do update set (count, "blockedUntil", "updatedAt") = (
     select n, case when n < $2 then to_timestamp(0)
         else now() + least($4::float8, $3 * power(2, least(n - $2, 40))) * interval '1 millisecond' end, now()
     from (select case when t."updatedAt" < now() - $5::float8 * interval '1 millisecond' then 1 else t.count + 1 end) c (n))
   where t."blockedUntil" <= now()
   returning count`,
)

const FIND_WAIT = statement<{ waitMs: number }>(
  'users.find_wait',
  `select ceil(extract(epoch from "blockedUntil" - now()) * 1000)::int as "waitMs" from "Throttle" where key = $1`,
)

const RETURN = statement(
  'users.return_attempt',
  `update "Throttle" set count = greatest(0, count - 1), "blockedUntil" = to_timestamp(0) where key = $1`,
)

const FORGET = statement('users.forget_attempts', `delete from "Throttle" where key = any($1::text[])`)

const COUNT = statement<{ count: number }>(
  'users.count_attempts',
  `select count from "Throttle" where key = $1 and "updatedAt" > now() - $2::float8 * interval '1 millisecond'`,
)
