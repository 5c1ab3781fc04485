import type { Metadata } from 'next'
import { Suspense } from 'react'
import { HomePanels } from '../../../components/home/home-panels.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { LinkButton } from '../../../components/ui/link-button.tsx'
import { PageHead } from '../../../components/ui/panel.tsx'
import { requirePerson } from '../../../lib/session.ts'

export const metadata: Metadata = { title: 'Home' }

export default async function HomePage() {
  const person = await requirePerson('/home')
  return (
    <Page>
      <PageHead
        title={`Hello, ${person.user.name}`}
        text={
          person.account.kind === 'personal'
            ? 'What you ran, what you have and what you could try.'
            : `You act for ${person.account.name}, as ${person.account.role}.`
        }
      >
        <LinkButton href="/agents">Explore agents</LinkButton>
      </PageHead>
      <Suspense fallback={<PanelSkeleton rows={8} />}>
        <HomePanels person={person} />
      </Suspense>
    </Page>
  )
}
