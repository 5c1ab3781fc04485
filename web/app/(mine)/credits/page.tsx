import type { Metadata } from 'next'
import { Suspense } from 'react'
import { CreditPanels } from '../../../components/credits/credit-panels.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import { requirePerson } from '../../../lib/session.ts'

export const metadata: Metadata = { title: 'Credits' }

export default async function CreditsPage() {
  const { account } = await requirePerson('/credits')
  return (
    <Page>
      <PageHead title="Credits" text={`What ${account.name} has, and where it went.`} />
      <Suspense fallback={<PanelSkeleton rows={10} />}>
        <CreditPanels />
      </Suspense>
    </Page>
  )
}
