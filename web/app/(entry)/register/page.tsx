import type { Metadata } from 'next'
import Link from 'next/link'
import { EntryCard } from '../../../components/entry/entry-card.tsx'
import { RegisterForm } from '../../../components/entry/register-form.tsx'
import { nextPath } from '../../../lib/next-path.ts'
import { firstOf, type Search } from '../../../lib/search-params.ts'

export const metadata: Metadata = { title: 'Make an account' }

export default async function RegisterPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const search = await searchParams
  const next = nextPath(firstOf(search['next']))
  return (
    <EntryCard
      title="Make an account"
      text="Run agents, keep their results, publish your own."
      aside={
        <>
          Have an account? <Link href={`/sign-in?next=${encodeURIComponent(next)}`}>Sign in</Link>
        </>
      }
    >
      <RegisterForm next={next} email={firstOf(search['email']) ?? ''} />
    </EntryCard>
  )
}
