import type { Metadata } from 'next'
import { Suspense } from 'react'
import { KeyPanels } from '../../../components/developers/key-panels.tsx'
import { OwnAgentsPanel } from '../../../components/developers/own-agents-panel.tsx'
import { TokensPanel } from '../../../components/developers/tokens-panel.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { PageHead, Panel } from '../../../components/ui/panel.tsx'
import { firstOf, type Search } from '../../../lib/search-params.ts'
import { requirePerson } from '../../../lib/session.ts'

export const metadata: Metadata = { title: 'Developers' }

type DevelopersPageProps = { readonly searchParams: Promise<Search> }

export default async function DevelopersPage({ searchParams }: DevelopersPageProps) {
  const cursor = firstOf((await searchParams)['agents']) ?? null
  const person = await requirePerson('/developers')
  return (
    <Page>
      <PageHead
        title="Developers"
        text={
          <>
            What {person.account.name} publishes, and keys for programs that act for it. The{' '}
            <a href="/docs">reference</a> shows every call, <a href="/docs/errors">errors</a> what each code means.
          </>
        }
      />
      <Suspense
        key={cursor}
        fallback={
          <Panel title="Agents" id="agents">
            <PanelSkeleton rows={5} />
          </Panel>
        }
      >
        <OwnAgentsPanel person={person} cursor={cursor} />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={8} />}>
        <KeyPanels person={person} />
      </Suspense>
      <TokensPanel />
    </Page>
  )
}
