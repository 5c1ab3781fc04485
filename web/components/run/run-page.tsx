'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useRef, useState, type ReactNode } from 'react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { api, ask } from '../../lib/api.ts'
import { creditsPath } from '../../lib/credits-path.ts'
import type { Mend } from '../../lib/failure-words.ts'
import { keepDraft } from '../../lib/form-draft.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { runProblemOf, type RunProblem } from '../../lib/run-problem.ts'
import { Button } from '../ui/button.tsx'
import { Age } from './age.tsx'
import { JsonView } from './json-view.tsx'
import { RunOutput } from './run-output.tsx'
import { useRun } from './use-run.ts'
import agentClasses from '../agent/agent.module.css'
import classes from './run.module.css'

type RunPageProps = {
  readonly first: LiveRun
  readonly input: unknown
  /** Null where the agent is gone, or not to be seen any more: the run still is. */
  readonly agent: AgentPage | null
  /** Drawn on the server: no visitor loads sixty icons to see one. */
  readonly icon: ReactNode
}

/** A run under its own address: on a second device, after a reload, a month later. */
export function RunPage({ first, input, agent, icon }: RunPageProps) {
  const router = useRouter()
  const hold = useRun(first)
  const [refusal, setRefusal] = useState<RunProblem | null>(null)
  const headRef = useRef<HTMLHeadingElement>(null)
  const agentHref = agent === null ? '/agents' : `/agents/${agent.owner}/${agent.slug}`

  const runAgain = async () => {
    setRefusal(null)
    const answer = await ask(
      api.POST('/api/runs/{id}/again', {
        params: { path: { id: first.runId } },
        body: {},
        headers: { prefer: 'respond-async' },
      }),
    )
    if (answer.ok) router.push(`/runs/${answer.data.runId}`)
    else setRefusal(runProblemOf(answer.problem.facts, answer.problem.status))
  }
  const editInput = async () => {
    if (agent !== null && input !== undefined) {
      const { sendableInput } = await import('../../lib/form-values.ts')
      keepDraft(agent.id, JSON.stringify(sendableInput(input), null, 2))
    }
    router.push(agentHref)
  }
  const mend = (kind: Mend) => {
    switch (kind) {
      case 'run_again':
        void runAgain()
        return
      case 'get_credits':
        router.push(creditsPath(`/runs/${first.runId}`, (refusal ?? hold.refusal)?.needed ?? null))
        return
      case 'sign_in':
        router.push(`/sign-in?next=${encodeURIComponent(`/runs/${first.runId}`)}`)
        return
      case 'register':
        router.push(`/register?next=${encodeURIComponent(`/runs/${first.runId}`)}`)
        return
      case 'other_agent':
        router.push('/agents')
        return
      case 'switch_account':
        router.push('/account')
        return
      case 'edit_input':
      case 'raise_cap':
      case 'agree':
      case 'reload':
        void editInput()
    }
  }
  return (
    <>
      <header className={classes.runHead}>
        {icon}
        <div>
          <h1>{agent === null ? 'A run' : <Link href={agentHref}>{agent.name}</Link>}</h1>
          <p className={classes.quiet}>
            {hold.run !== null && hold.run.version !== null && `v${hold.run.version}, `}
            <Age at={new Date(first.createdAtMs).toISOString()} />
          </p>
        </div>
      </header>
      <div className={agentClasses.runner}>
        <section className={agentClasses.input} aria-label="Input">
          <header className={agentClasses.inputHead}>
            <h2>Input</h2>
            {agent !== null && (
              <Button size="compact-sm" variant="default" onClick={() => void editInput()}>
                Change and run
              </Button>
            )}
          </header>
          <div className={classes.panel}>
            {input === undefined ? (
              <p className={classes.quiet}>The input of this run is not kept any more.</p>
            ) : (
              <JsonView value={input} label="Input as JSON" />
            )}
          </div>
        </section>
        <div className={agentClasses.outputColumn}>
          <RunOutput
            hold={refusal === null ? hold : { ...hold, refusal }}
            example={null}
            view={agent?.view ?? null}
            onMend={mend}
            onRunAgain={() => void runAgain()}
            headRef={headRef}
          />
        </div>
      </div>
    </>
  )
}
