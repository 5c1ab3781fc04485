import type { Metadata } from 'next'
import { EntryCard } from '../../../components/entry/entry-card.tsx'
import { ResetForm } from '../../../components/entry/reset-form.tsx'
import { firstOf, type Search } from '../../../lib/search-params.ts'

export const metadata: Metadata = { title: 'Set a new password', robots: { index: false }, referrer: 'no-referrer' }

export default async function ResetPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const token = firstOf((await searchParams)['token']) ?? ''
  return (
    <EntryCard title="Set a new password" text="Every device will have to sign in again. API keys go on working.">
      <ResetForm token={token} />
    </EntryCard>
  )
}
