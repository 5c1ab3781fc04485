import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Suspense } from 'react'
import { MailList } from '../../../../components/admin/mail-list.tsx'
import { Page } from '../../../../components/shell/page.tsx'
import { PanelSkeleton } from '../../../../components/states/panel-skeleton.tsx'
import { PageHead } from '../../../../components/ui/panel.tsx'
import { requirePerson } from '../../../../lib/session.ts'

export const metadata: Metadata = { title: 'Mail', robots: { index: false } }

export default async function MailPage() {
  const person = await requirePerson('/admin/mail')
  // To everybody else there is no such page.
  if (!person.permissions.includes('admin')) notFound()
  return (
    <Page isNarrow>
      <PageHead
        title="Mail"
        text="Mails that had no server to go to. Reading them is recorded: links in them let one in."
      />
      <Suspense fallback={<PanelSkeleton rows={6} />}>
        <MailList />
      </Suspense>
    </Page>
  )
}
