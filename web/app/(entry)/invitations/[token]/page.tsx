import type { Metadata } from 'next'
import { EntryCard } from '../../../../components/entry/entry-card.tsx'
import { InvitationStep } from '../../../../components/entry/invitation-step.tsx'
import { currentPerson } from '../../../../lib/session.ts'

export const metadata: Metadata = { title: 'Invitation', robots: { index: false }, referrer: 'no-referrer' }

export default async function InvitationPage({ params }: { readonly params: Promise<{ token: string }> }) {
  const { token } = await params
  const person = await currentPerson()
  return (
    <EntryCard title="Invitation" text="Somebody wants to share an account with you.">
      <InvitationStep token={token} email={person?.user.email ?? null} />
    </EntryCard>
  )
}
