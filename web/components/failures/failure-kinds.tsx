import Link from 'next/link'
import { creatorAdvice } from '../../lib/creator-advice.ts'
import { grouped } from '../../lib/credits.ts'
import { failuresHref, type FailuresQuery } from '../../lib/failures-query.ts'
import { Age } from '../run/age.tsx'
import { Panel } from '../ui/panel.tsx'
import classes from './failures.module.css'

type Kind = {
  readonly code: string
  readonly title: string
  readonly version: number
  readonly runs: number
  readonly callers: number
  readonly lastAt: string
}

type FailureKindsProps = {
  readonly path: string
  readonly query: FailuresQuery
  readonly kinds: readonly Kind[]
}

/** In how many ways it failed, how often, for how many, and what to do. Each narrows the list below. */
export function FailureKinds({ path, query, kinds }: FailureKindsProps) {
  return (
    <Panel title="By kind" text="The latest first. Choose one to see its runs.">
      <ul className={classes.kinds}>
        {kinds.map(({ code, title, version, runs, callers, lastAt }) => {
          const isChosen = query.code === code && query.version === version
          return (
            <li key={`${code} ${version}`}>
              <div>
                <Link
                  href={isChosen ? path : failuresHref(path, { code, version })}
                  aria-current={isChosen ? 'true' : undefined}
                  scroll={false}
                >
                  {title}
                </Link>
                <p>{creatorAdvice(code)}</p>
                <code>{code}</code>
              </div>
              <p className={classes.counts}>
                <strong>
                  {grouped(runs)} {runs === 1 ? 'run' : 'runs'}
                </strong>{' '}
                of {grouped(callers)} {callers === 1 ? 'account' : 'accounts'} in v{version}
                <br />
                last <Age at={lastAt} />
              </p>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
