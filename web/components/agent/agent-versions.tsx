'use client'
import { Button } from '../ui/button.tsx'
import Link from 'next/link'
import { useCallback, useEffect, useState } from 'react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { api, ask } from '../../lib/api.ts'
import type { paths } from '../../lib/api-schema.d.ts'
import type { Problem } from '../../lib/problem.ts'
import { changeWords, sizedCode } from '../../lib/version-words.ts'
import { CopyText } from '../run/copy-text.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import classes from './agent.module.css'

type Listed = paths['/api/agents/{id}/versions']['get']['responses'][200]['content']['application/json']
type Version = Listed['items'][number]

/** Every version that went live, with what changed for who runs it, and how to stay with one. */
export function AgentVersions({ agent }: { readonly agent: AgentPage }) {
  const [versions, setVersions] = useState<readonly Version[]>([])
  const [cursor, setCursor] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isLoading, setLoading] = useState(true)
  const load = useCallback(
    async (after: string | null) => {
      setLoading(true)
      setProblem(null)
      const query = after === null ? {} : { cursor: after }
      const answer = await ask(api.GET('/api/agents/{id}/versions', { params: { path: { id: agent.id }, query } }))
      setLoading(false)
      if (!answer.ok) {
        setProblem(answer.problem)
        return
      }
      const { items, nextCursor } = answer.data
      setVersions((held) => (after === null ? items : [...held, ...items]))
      setCursor(nextCursor)
    },
    [agent.id],
  )
  useEffect(() => void load(null), [load])
  const page = `/agents/${agent.owner}/${agent.slug}`
  return (
    <section className={classes.versions} aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <p className={classes.quiet}>
        A run takes the current version. To stay with one whatever is published later, open it here, or name it by API:{' '}
        <code>POST /api/agents/{agent.id}/run?version=N</code>. It costs what that version says.
      </p>
      <ol className={classes.versionList}>
        {versions.map((version) => (
          <VersionItem key={version.version} agentId={agent.id} version={version} page={page} shown={agent.version} />
        ))}
      </ol>
      <div aria-live="polite">
        {isLoading && <p className={classes.quiet}>Loading …</p>}
        {problem !== null && (
          <p>
            {problem.title}. {problem.fix}{' '}
            <button type="button" className={classes.linkButton} onClick={() => void load(cursor)}>
              Try again
            </button>
          </p>
        )}
        {!isLoading && problem === null && versions.length === 0 && (
          <p className={classes.quiet}>No version has gone live yet.</p>
        )}
      </div>
      {cursor !== null && !isLoading && (
        <Button variant="default" onClick={() => void load(cursor)}>
          Show older ones
        </Button>
      )}
    </section>
  )
}

type VersionItemProps = {
  readonly agentId: string
  readonly version: Version
  readonly page: string
  /** The version that the page shows. */
  readonly shown: number | null
}

function VersionItem({ agentId, version, page, shown }: VersionItemProps) {
  const { version: number, changes, isCurrent } = version
  if (number === undefined) return null
  const isShown = number === shown
  const words = changes === null || changes === undefined ? [] : changes.flatMap(changeWords)
  return (
    <li aria-current={isShown ? 'true' : undefined}>
      <h3>
        Version {number}
        {isCurrent === true && <span className={classes.version}>current</span>}
      </h3>
      <p className={classes.quiet}>
        {version.createdAt !== undefined && <LocalTime at={version.createdAt} />} · {sizedCode(version)}
      </p>
      {changes === null ? (
        <p>The first version.</p>
      ) : words.length === 0 ? (
        <p>Nothing changed for who runs it.</p>
      ) : (
        <ul className={classes.changes}>
          {words.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <p className={classes.versionActs}>
        {isShown ? (
          <span className={classes.quiet}>You look at this one.</span>
        ) : (
          <Link href={isCurrent === true ? page : `${page}?version=${number}`}>Run version {number} here</Link>
        )}
        <CopyText
          text={`/api/agents/${agentId}/run?version=${number}`}
          label="Copy address"
          what={`address of version ${number}`}
        />
      </p>
    </li>
  )
}
