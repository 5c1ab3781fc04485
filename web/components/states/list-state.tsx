import { Inbox, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Problem } from '../../lib/problem.ts'
import { EmptyState } from './empty-state.tsx'
import { Failure } from './failure.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'

type ListStateProps =
  | { readonly kind: 'nothing_yet'; readonly title: string; readonly text: ReactNode; readonly children: ReactNode }
  | { readonly kind: 'nothing_matches'; readonly text: ReactNode; readonly children: ReactNode }
  | { readonly kind: 'failed'; readonly problem: Problem; readonly onRetry?: () => void; readonly children?: ReactNode }

/** Why a list shows no rows. Nothing yet, nothing that matches, not allowed and failed are different things to do. */
export function ListState(props: ListStateProps) {
  switch (props.kind) {
    case 'nothing_yet':
      return (
        <EmptyState icon={Inbox} title={props.title} text={props.text}>
          {props.children}
        </EmptyState>
      )
    case 'nothing_matches':
      return (
        <EmptyState icon={SearchX} title="Nothing matches" text={props.text}>
          {props.children}
        </EmptyState>
      )
    case 'failed':
      if (props.problem.status !== 403) {
        return (
          <Failure problem={props.problem} {...(props.onRetry !== undefined && { onRetry: props.onRetry })}>
            {props.children}
          </Failure>
        )
      }
      return <NotForYourRole problem={props.problem}>{props.children}</NotForYourRole>
  }
}
