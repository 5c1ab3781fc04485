import { z } from 'zod'
import { formatCredits } from '../../credits/index.ts'
import type { Page } from '../../http/index.ts'
import { statement, type Queryable } from '../../platform/database.ts'
import type { Principal } from '../../users/index.ts'
import { manifestOf } from '../agent-cache.ts'
import { getAgent } from '../get-agent.ts'
import { changesBetween } from './version-changes.ts'
import type { VersionView } from './versions.schema.ts'

type VersionRow = {
  readonly version: number
  readonly createdAt: Date
  readonly sha256: string
  readonly sizeBytes: number
  readonly manifest: unknown
  readonly manifestBefore: unknown
  readonly sha256Before: string | null
}

/** Newest first, each with the one before it. Index: the primary key, both times. */
const LIST_VERSIONS = statement<VersionRow>(
  'agents.list_versions',
  `select v.version, v."createdAt", v.sha256, v."sizeBytes", v.manifest, b.manifest as "manifestBefore",
     b.sha256 as "sha256Before"
   from "AgentVersion" v
   left join lateral (select manifest, sha256 from "AgentVersion" p
     where p."agentId" = v."agentId" and p.version < v.version order by p.version desc limit 1) b on true
   where v."agentId" = $1 and ($2::int is null or v.version < $2) order by v.version desc limit $3`,
)

export const versionCursor = z.number().int().min(1)

/** The versions of an agent that whoever asks may see, with what changed for its callers. Every one of them went live
 * once, and can be run: `?version=` of a run names it.
 * @throws AGENT_NOT_FOUND, FORBIDDEN */
export async function listVersions(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  agentId: string,
  page: Page<number>,
): Promise<VersionView[]> {
  const agent = await getAgent(deps, principal, agentId)
  const rows = await deps.db.query(LIST_VERSIONS, [agentId, page.after, page.take])
  return rows.map((row) => {
    const manifest = manifestOf(row.manifest)
    const { version, createdAt, sha256, sizeBytes, sha256Before } = row
    return {
      version,
      createdAt: createdAt.toISOString(),
      isCurrent: version === agent.version,
      sha256,
      sizeBytes,
      price: { run: formatCredits(manifest.price.runMicro), max: formatCredits(manifest.price.maxMicro) },
      changes:
        sha256Before === null
          ? null
          : changesBetween({ manifest: manifestOf(row.manifestBefore), sha256: sha256Before }, { manifest, sha256 }),
    }
  })
}
