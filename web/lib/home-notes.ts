import { isLow } from './spend.ts'

/** Something that waits for the person: what, and the one way to settle it. */
export type HomeNote = {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly href: string
  readonly action: string
}

type Facts = {
  readonly hasTwoFactor: boolean
  readonly hasPassword: boolean
  /** Null when it is not for this person to see, or could not be read. */
  readonly available: string | null
  readonly spentMicro: bigint
  readonly isAdmin: boolean
}

/** What needs the person, most urgent first. Nothing is a good answer too. */
export function homeNotes(facts: Facts): HomeNote[] {
  const notes: HomeNote[] = []
  if (facts.available !== null && isLow(facts.available, facts.spentMicro)) {
    notes.push({
      id: 'credits',
      title: facts.available === '0' ? 'There are no credits left' : 'Credits run low',
      text:
        facts.available === '0'
          ? 'Runs that cost something are refused until there are some.'
          : 'What is left is less than what the last day took.',
      href: '/credits',
      action: facts.available === '0' ? 'Get credits' : 'Look at the statement',
    })
  }
  if (facts.hasPassword && !facts.hasTwoFactor) {
    notes.push({
      id: 'two-factor',
      title: 'Your password is all that guards this account',
      text: facts.isAdmin
        ? 'You operate this site. With two-factor a stolen password is not enough.'
        : 'With two-factor a stolen password is not enough.',
      href: '/account#two-factor',
      action: 'Switch two-factor on',
    })
  }
  return notes
}
