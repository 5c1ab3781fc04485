import type { Metadata } from 'next'
import { Suspense } from 'react'
import { CreditPanels } from '../../../components/credits/credit-panels.tsx'
import { GetCredits } from '../../../components/credits/get-credits.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import { isAmount } from '../../../lib/credits.ts'
import { creditsPath } from '../../../lib/credits-path.ts'
import { nextPath } from '../../../lib/next-path.ts'
import { firstOf, type Search } from '../../../lib/search-params.ts'
import { requirePerson } from '../../../lib/session.ts'

export const metadata: Metadata = { title: 'Credits' }

export default async function CreditsPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const search = await searchParams
  const next = nextPath(firstOf(search['next']), '')
  const needed = firstOf(search['needed']) ?? null
  const { account, user, permissions } = await requirePerson(next === '' ? '/credits' : creditsPath(next, needed))
  const asking = {
    account: account.kind === 'personal' ? null : account,
    email: user.email,
    isAdmin: permissions.includes('admin'),
  }
  return (
    <Page>
      <PageHead title="Credits" text={`What ${account.name} has, and where it went.`} />
      {next !== '' && (
        <GetCredits next={next} needed={needed !== null && isAmount(needed) ? needed : null} {...asking} />
      )}
      <Suspense fallback={<PanelSkeleton rows={10} />}>
        <CreditPanels asking={next === '' ? asking : null} />
      </Suspense>
    </Page>
  )
}
