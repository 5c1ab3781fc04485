import { fileURLToPath } from 'node:url'
import { awaitDeployment, deployAgent, publishExample } from '../../src/deployments/index.ts'
import { aDeploymentHouse, type House } from './deployment-house.ts'
import type { RunSite } from './run-site.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))

export type Publisher = {
  /** Publishes these of `examples/`, one after the other, so that "new" means something. */
  examples(names: readonly string[]): Promise<void>
  /** Publishes a source folder of these files. @returns its page's path */
  agent(slug: string, files: Readonly<Record<string, string>>): Promise<string>
  readonly house: House
}

/** Publishes on a running site as a creator would: by its own deployment job. */
export async function aPublisher(site: RunSite): Promise<Publisher> {
  const house = await aDeploymentHouse({ role: 'sends', at: site })
  const { rows } = await site.database.db.pool.query<{ slug: string }>('select slug from "Account" where id = $1', [
    house.admin.accountId,
  ])
  return {
    house,
    async examples(names) {
      for (const slug of names)
        await publishExample(house, house.admin, { slug, folder: `${EXAMPLES}/${slug}`, createdBy: house.creatorId })
    },
    async agent(slug, files) {
      const { deploymentId } = await deployAgent(house, house.admin, {
        slug,
        sourceFiles: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
        createdBy: house.creatorId,
        visibility: 'public',
      })
      const signal = AbortSignal.timeout(60_000)
      const { status, code, message } = await awaitDeployment(house, house.admin, deploymentId, { signal })
      if (status !== 'active') throw new Error(`${slug} was not published: ${code} ${message}`)
      return `/agents/${rows[0]?.slug}/${slug}`
    },
  }
}
