import type { Metadata } from 'next'
import { EntryCard } from '../../../components/entry/entry-card.tsx'
import { VerifyStep } from '../../../components/entry/verify-step.tsx'
import { firstOf, type Search } from '../../../lib/search-params.ts'

export const metadata: Metadata = { title: 'Confirm your address', robots: { index: false }, referrer: 'no-referrer' }

export default async function VerifyPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const token = firstOf((await searchParams)['token']) ?? ''
  return (
    <EntryCard title="Confirm your address" text="One more click, and your account is there.">
      <VerifyStep token={token} />
    </EntryCard>
  )
}
