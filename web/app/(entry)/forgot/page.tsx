import type { Metadata } from 'next'
import Link from 'next/link'
import { EntryCard } from '../../../components/entry/entry-card.tsx'
import { ForgotForm } from '../../../components/entry/forgot-form.tsx'

export const metadata: Metadata = { title: 'Forgot your password' }

export default function ForgotPage() {
  return (
    <EntryCard
      title="Set a new password"
      text="We send a link to your address. It works once, for an hour."
      aside={<Link href="/sign-in">Back to sign in</Link>}
    >
      <ForgotForm />
    </EntryCard>
  )
}
