import { useMemo } from 'react'
import { jsonTokens } from '../../lib/json-tokens.ts'
import classes from './run.module.css'

/** Above this colours cost more than they tell. */
const MOST_COLOURED = 200_000

/** JSON to read: coloured, and scrolled inside its own frame. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? 'null', [value])
  return (
    <pre className={classes.json} tabIndex={0} role="region" aria-label={label}>
      {text.length > MOST_COLOURED
        ? text
        : jsonTokens(text).map((token, at) =>
            token.kind === 'plain' ? (
              token.text
            ) : (
              <span key={at} data-kind={token.kind}>
                {token.text}
              </span>
            ),
          )}
    </pre>
  )
}
