import { z } from 'zod'
import type { Page } from '../http/index.ts'
import type { Queryable } from '../platform/database.ts'
import { agentsErrors } from './agents.errors.ts'
import { FIND_CREATOR, LIST_OF_CREATOR, type CatalogueRow } from './catalogue.queries.ts'

/** Most run first. */
export const creatorCursor = z.tuple([z.number().int().max(2_147_483_647), z.string().max(64)])
export type CreatorCursor = z.infer<typeof creatorCursor>

export type Creator = {
  readonly name: string
  readonly slug: string
  readonly agents: number
  readonly createdAt: Date
  readonly rows: readonly CatalogueRow[]
}

/** Who publishes here, and a page of what everyone may see of theirs. Accounts without a public agent are nobody's
 * business: they do not exist here. @throws CREATOR_NOT_FOUND */
export async function getCreator(
  deps: { readonly db: Queryable },
  slug: string,
  page: Page<CreatorCursor>,
): Promise<Creator> {
  const [creator] = await deps.db.query(FIND_CREATOR, [slug])
  if (creator === undefined || creator.agents === 0) throw agentsErrors.CREATOR_NOT_FOUND({ name: slug })
  const [runs = 2_147_483_647, id = ''] = page.after ?? []
  return { ...creator, rows: await deps.db.query(LIST_OF_CREATOR, [creator.id, runs, id, page.take]) }
}
