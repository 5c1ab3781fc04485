import { setAgentTrial } from '../agents/index.ts'
import type { BureauConfig } from '../roles/config.ts'
import { systemPrincipal } from '../users/index.ts'
import { onSiteDatabase } from './site-database.ts'

/** `bureau agent trial`: guests may run the agent, or may not any more. A site that is running heeds it within a second. */
export async function markTrial(
  config: BureauConfig,
  order: { readonly owner: string; readonly slug: string; readonly isTrial: boolean },
): Promise<string> {
  const { isTrial, ...names } = order
  // What knows agents in the site's own process looks at them anew within a second.
  const operator = systemPrincipal('operator', 'platform')
  await onSiteDatabase(config, (db) => setAgentTrial({ db, cache: { forget() {} } }, operator, names, isTrial))
  return `Guests ${isTrial ? 'may' : 'may not'} run ${names.owner}/${names.slug}.\n`
}
