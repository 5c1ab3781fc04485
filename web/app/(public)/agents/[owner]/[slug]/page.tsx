import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { AgentAbout } from '../../../../../components/agent/agent-about.tsx'
import { AgentHead } from '../../../../../components/agent/agent-head.tsx'
import { AgentRunner } from '../../../../../components/agent/agent-runner.tsx'
import { AgentTabs } from '../../../../../components/agent/agent-tabs.tsx'
import { PicturePreviews } from '../../../../../components/run/picture-previews.tsx'
import { ResultView } from '../../../../../components/run/result-view.tsx'
import { Page } from '../../../../../components/shell/page.tsx'
import { ListState } from '../../../../../components/states/list-state.tsx'
import { LinkButton } from '../../../../../components/ui/link-button.tsx'
import { getAgentByName } from '../../../../../lib/catalogue-api.ts'
import { capWords } from '../../../../../lib/price-words.ts'
import { fieldsOf } from '../../../../../lib/schema-fields.ts'
import { firstOf, type Search } from '../../../../../lib/search-params.ts'
import { siteAddress } from '../../../../../lib/site-address.ts'

type Params = {
  readonly params: Promise<{ readonly owner: string; readonly slug: string }>
  readonly searchParams: Promise<Search>
}

const readAgent = cache(async (owner: string, slug: string, version: number | null) =>
  getAgentByName(decodeURIComponent(owner), decodeURIComponent(slug), version),
)

/** A version that the address pins; null without, and for what is no number of one. */
function pinnedIn(search: Search): number | null {
  const given = firstOf(search['version']) ?? ''
  return /^[1-9]\d{0,8}$/.test(given) ? Number(given) : null
}

export async function generateMetadata({ params, searchParams }: Params): Promise<Metadata> {
  const { owner, slug } = await params
  const answer = await readAgent(owner, slug, pinnedIn(await searchParams))
  if (!answer.ok || answer.data === null) return { title: 'Agent' }
  const { name, description: sentence, owner: account, slug: place, ownerName } = answer.data
  const title = name
  const description = sentence.slice(0, 200)
  const url = `/agents/${encodeURIComponent(account)}/${encodeURIComponent(place)}`
  return {
    metadataBase: new URL(await siteAddress()),
    title,
    description,
    alternates: { canonical: url },
    openGraph: { type: 'website', siteName: 'Bureau', title: `${name} by ${ownerName}`, description, url },
    twitter: { card: 'summary', title: `${name} by ${ownerName}`, description },
  }
}

/** One agent: what it is, what it takes and answers, and the place where it runs. */
export default async function AgentRunPage({ params, searchParams }: Params) {
  const { owner, slug } = await params
  const pinned = pinnedIn(await searchParams)
  const answer = await readAgent(owner, slug, pinned)
  if (!answer.ok && answer.problem.status === 404) notFound()
  if (!answer.ok || answer.data === null)
    return (
      <Page>
        <h1>This agent cannot be shown now</h1>
        {!answer.ok && (
          <ListState kind="failed" problem={answer.problem}>
            <LinkButton href={`/agents/${owner}/${slug}`} variant="default">
              Try again
            </LinkButton>
          </ListState>
        )}
      </Page>
    )
  const agent = answer.data
  const [example] = agent.examples
  return (
    <Page>
      <nav aria-label="Place" className="sr-only">
        <Link href="/agents">Explore</Link>
      </nav>
      <AgentHead agent={agent} />
      <AgentRunner
        agent={agent}
        shape={fieldsOf(agent.input)}
        cap={capWords(agent.price)}
        exampleResult={
          example === undefined ? null : (
            <>
              <PicturePreviews files={example.files} />
              <ResultView value={example.output} view={agent.view} />
            </>
          )
        }
        pinned={pinned}
        site={await siteAddress()}
      />
      <AgentTabs agent={agent} about={<AgentAbout agent={agent} />} />
    </Page>
  )
}
