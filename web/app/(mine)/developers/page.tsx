import type { Metadata } from 'next'
import { Suspense } from 'react'
import { KeyPanels } from '../../../components/developers/key-panels.tsx'
import { TokensPanel } from '../../../components/developers/tokens-panel.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import { requirePerson } from '../../../lib/session.ts'

export const metadata: Metadata = { title: 'Developers' }

export default async function DevelopersPage() {
  const person = await requirePerson('/developers')
  return (
    <Page>
      <PageHead
        title="Developers"
        text={
          <>
            Keys for programs that act for {person.account.name}. The <a href="/docs">reference</a> shows every call,{' '}
            <a href="/docs/errors">errors</a> what each code means.
          </>
        }
      />
      <Suspense fallback={<PanelSkeleton rows={8} />}>
        <KeyPanels person={person} />
      </Suspense>
      <TokensPanel />
    </Page>
  )
}
