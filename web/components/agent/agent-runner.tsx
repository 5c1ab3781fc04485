'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useCallback, useEffect, useId, useRef, useState, type ReactNode } from 'react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { api, ask, csrf } from '../../lib/api.ts'
import { consentOf, type Consent } from '../../lib/consent.ts'
import { amountWords, isAmount } from '../../lib/credits.ts'
import { creditsPath } from '../../lib/credits-path.ts'
import type { Mend } from '../../lib/failure-words.ts'
import { carryDraft, keepDraft, readDraft } from '../../lib/form-draft.ts'
import { NEWS } from '../../lib/news.ts'
import { problemsOf, withoutSecrets, type FormValues } from '../../lib/form-values.ts'
import { joinObject, splitObject } from '../../lib/json-text.ts'
import { isOver } from '../../lib/run-status-words.ts'
import type { FormShape } from '../../lib/schema-fields.ts'
import { expectRun, RunOutput } from '../run/run-output.tsx'
import { TabList } from '../run/tab-list.tsx'
import { loadRunKit, useRun } from '../run/use-run.ts'
import { fieldId } from '../schema-form/field-props.ts'
import { SchemaForm } from '../schema-form/schema-form.tsx'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'
import classes from './agent.module.css'

const JsonInput = dynamic(() => import('../schema-form/json-input.tsx').then((module) => module.JsonInput))
const loadConsent = () => import('./consent-panel.tsx')
const ConsentPanel = dynamic(() => loadConsent().then((module) => module.ConsentPanel))
const CodePanel = dynamic(() => import('./code-panel.tsx').then((module) => module.CodePanel))

/** Loads what a run needs as soon as somebody turns to the input: it is there when Run is pressed. */
function prepare(asksConsent: boolean): void {
  expectRun()
  // Should it not come now, pressing Run asks for it again, and says so if it is still missing.
  loadRunKit().catch(() => undefined)
  if (asksConsent) loadConsent().catch(() => undefined)
}

type AgentRunnerProps = {
  readonly agent: AgentPage
  /** What the form asks for. */
  readonly shape: FormShape
  /** What a run costs at most, in words. */
  readonly cap: string
  /** The first example's output as it is shown. */
  readonly exampleResult: ReactNode
  /** The version that the address pins; null runs the one that is active then. */
  readonly pinned: number | null
  /** The site's own address, for the code that is shown. */
  readonly site: string
}

type Person = {
  readonly available: string | null
  readonly consent: Consent | null
  readonly trialsLeft: number | null
}

/** Input and output of an agent side by side: fill in, agree, run, look. What was typed survives everything that can
 * happen on the way: a failure, signing in, getting credits, a reload. */
export function AgentRunner({ agent, shape, cap, exampleResult, pinned, site }: AgentRunnerProps) {
  const router = useRouter()
  const [text, setText] = useState(() => exampleText(agent.examples[0]?.input))
  const [mode, setMode] = useState<'form' | 'json' | 'api'>(shape.isJsonOnly ? 'json' : 'form')
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [said, setSaid] = useState(NONE_SAID)
  const [maxCharge, setMaxCharge] = useState('')
  const [asksConsent, setAsksConsent] = useState(false)
  const [person, setPerson] = usePerson(agent.id, pinned)
  const hold = useRun(null)
  const headRef = useRef<HTMLHeadingElement>(null)
  const runRef = useRef<HTMLButtonElement>(null)
  const outputRef = useRef<HTMLDivElement>(null)
  const isAsking = useRef(false)
  const id = useId()

  useEffect(() => {
    const draft = readDraft(agent.id, Date.now())
    const chosen = exampleOf(agent, window.location.search)
    const begin = chosen === null ? draft : exampleText(chosen.input)
    if (begin === null) return
    setText(begin)
    if (chosen === null) return
    // From here on it is what was typed: a reload must not take changes of it back.
    keepDraft(agent.id, begin)
    window.history.replaceState(null, '', `${window.location.pathname}${versionSearch(pinned)}`)
  }, [agent, pinned])
  useResultFocus(hold.run, runRef, headRef)

  const split = splitObject(text)
  const values: FormValues = split.ok ? split.members : []
  const problems = split.ok ? problemsOf(shape.fields, values) : new Map<string, string>()
  const shown = new Map([...said, ...[...problems].filter(([name]) => left.has(name))])

  const change = useCallback(
    (next: string) => {
      setText(next)
      setSaid(new Map())
      const parts = splitObject(next)
      keepDraft(agent.id, parts.ok ? joinObject(withoutSecrets(shape.fields, parts.members)) : next)
    },
    [agent.id, shape],
  )
  const focusField = (name: string) => {
    requestAnimationFrame(() => {
      const control = document.getElementById(fieldId(name)) ?? document.getElementById(`${fieldId(name)}-choose`)
      const target =
        control?.matches('input,textarea,select') === true
          ? control
          : (control?.querySelector<HTMLElement>('button,input:not([hidden])') ?? control)
      target?.focus()
    })
  }
  const showProblems = (wrong: ReadonlyMap<string, string>) => {
    setMode('form')
    const [first] = wrong.keys()
    if (first !== undefined) focusField(first)
  }

  const here = `/agents/${agent.owner}/${agent.slug}${versionSearch(pinned)}`
  const door = person === null ? null : doorOf(person)
  /** Through signing in or up, and back here with all that was typed. */
  const enter = (path: '/sign-in' | '/register') => {
    carryDraft(agent.id, Date.now())
    router.push(`${path}?next=${encodeURIComponent(here)}`)
  }

  const send = async (consentHash: string | null = null) => {
    setAsksConsent(false)
    const started = await hold.send({
      agentId: agent.id,
      inputJson: text,
      version: pinned,
      maxCharge: maxCharge === '' ? null : maxCharge,
      consentHash,
      idempotencyKey: crypto.randomUUID(),
    })
    if (started !== null) {
      // At once: from now on a reload, a closed tab or another device finds the run at its address.
      window.history.pushState(null, '', `/runs/${started.runId}`)
      if (consentHash !== null) setPerson(agreed)
    }
    if (window.matchMedia('(max-width: 61.99em)').matches)
      outputRef.current?.scrollIntoView({ block: 'start', behavior: 'smooth' })
  }
  const run = async () => {
    if (hold.isSending || (hold.run !== null && !isOver(hold.run.status))) return
    if (door !== null) {
      enter(door)
      return
    }
    if (!split.ok) {
      setMode('json')
      return
    }
    if (problems.size > 0 && !shape.isJsonOnly) {
      setLeft(new Set(shape.fields.map((field) => field.name)))
      showProblems(problems)
      return
    }
    // Pressed before it is known who presses: whether they have to sign in or to agree comes first.
    if (isAsking.current) return
    isAsking.current = true
    const who = person ?? (await readPerson(agent.id, pinned))
    isAsking.current = false
    if (person === null) setPerson(who)
    const entrance = who === null ? null : doorOf(who)
    if (entrance !== null) {
      enter(entrance)
      return
    }
    if (who?.consent?.isNeeded === true) {
      setAsksConsent(true)
      return
    }
    await send()
  }
  const consent = person?.consent ?? null
  // The run itself carries the agreement: one way to the server, not two.
  const agree = () => {
    if (consent === null) return
    // What was pressed goes away: Run has the focus again, so that the result can take it.
    runRef.current?.focus({ preventScroll: true })
    void send(consent.manifestHash)
  }

  // What the server says of a field stands beside it too.
  const { refusal } = hold
  const failed = hold.run?.failure ?? null
  useEffect(() => {
    const issues = refusal?.issues ?? failed?.issues ?? []
    let isHere = true
    const show = async () => {
      // What was refused was sent, and what sends is there.
      const byField = issues.length === 0 ? NONE_SAID : (await loadRunKit()).issuesByField(issues)
      if (!isHere) return
      setSaid(byField)
      const [first] = byField.keys()
      if (first !== undefined && refusal !== null) focusField(first)
    }
    void show()
    return () => {
      isHere = false
    }
  }, [refusal, failed])
  useEffect(() => {
    if (refusal?.code === 'CONSENT_REQUIRED') void readPerson(agent.id, pinned).then(setPerson)
  }, [refusal, agent.id, pinned, setPerson])

  const [example] = agent.examples
  const getReady = () => prepare(consent?.isNeeded === true)
  const mend = (kind: Mend) => {
    switch (kind) {
      case 'edit_input':
      case 'raise_cap': {
        const [first] = said.keys()
        if (kind === 'raise_cap') focusField('max-charge')
        else focusField(first ?? shape.fields[0]?.name ?? '')
        return
      }
      case 'run_again':
        void run()
        return
      case 'get_credits':
        router.push(creditsPath(here, refusal?.needed ?? null))
        return
      case 'sign_in':
        enter('/sign-in')
        return
      case 'register':
        enter('/register')
        return
      case 'agree':
        setAsksConsent(true)
        return
      case 'other_agent':
        router.push('/agents')
        return
      case 'switch_account':
        router.push('/account')
        return
      case 'reload':
        window.location.assign(here)
    }
  }
  const isBusy = hold.isSending || (hold.run !== null && !isOver(hold.run.status))
  const hasEvents = agent.price !== null && Object.keys(agent.price.events).length > 0
  const tabs = [
    ...(shape.isJsonOnly ? [] : [{ value: 'form', label: 'Form' }]),
    { value: 'json', label: 'JSON' },
    { value: 'api', label: 'API' },
  ]
  return (
    <div className={classes.runner}>
      <form
        className={classes.input}
        aria-label="Input"
        noValidate
        onFocus={getReady}
        onPointerEnter={getReady}
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          void run()
        }}
      >
        <header className={classes.inputHead}>
          <h2>Input</h2>
          {agent.examples.length > 0 && (
            <div className={classes.examples} role="group" aria-label="Examples">
              {agent.examples.map((example) => (
                <button
                  key={example.name}
                  type="button"
                  className={classes.exampleChip}
                  onClick={() => change(exampleText(example.input))}
                >
                  {example.name}
                </button>
              ))}
            </div>
          )}
        </header>
        <TabList
          id={id}
          label="Input as"
          tabs={tabs}
          value={mode}
          onChange={(value) => setMode(value === 'json' ? 'json' : value === 'api' ? 'api' : 'form')}
        >
          {mode === 'api' ? (
            <CodePanel
              site={site}
              agentId={agent.id}
              version={pinned}
              inputJson={text}
              maxCharge={maxCharge === '' ? null : maxCharge}
            />
          ) : mode === 'json' ? (
            <JsonInput text={text} problem={split.ok ? null : split.message} onChange={change} />
          ) : split.ok ? (
            <SchemaForm
              fields={shape.fields}
              values={values}
              problems={shown}
              onChange={(next) => change(joinObject(next))}
              onLeave={(name) => setLeft((held) => new Set([...held, name]))}
            />
          ) : (
            <p className={classes.quiet}>
              {split.message}{' '}
              <button type="button" className={classes.linkButton} onClick={() => setMode('json')}>
                Mend it under JSON
              </button>
              ; the form comes back then.
            </p>
          )}
        </TabList>
        {asksConsent && consent !== null && (
          <ConsentPanel agent={agent} consent={consent} onAgree={agree} onDecline={() => setAsksConsent(false)} />
        )}
        <footer className={classes.foot}>
          <div className={classes.footWords}>
            <p>{cap}</p>
            {person !== null && person.available !== null && (
              <p className={classes.quiet}>You have {amountWords(person.available)} credits.</p>
            )}
            {person?.available === null && <p className={classes.quiet}>{visitorWords(person.trialsLeft)}</p>}
          </div>
          {hasEvents && (
            <TextInput
              id={fieldId('max-charge')}
              className={classes.cap}
              label="At most"
              size="sm"
              inputMode="decimal"
              placeholder={agent.price?.max}
              value={maxCharge}
              error={maxCharge !== '' && !isAmount(maxCharge) ? 'Credits, for example 2.5' : null}
              onChange={(event) => setMaxCharge(event.currentTarget.value.trim())}
            />
          )}
          <Button
            ref={runRef}
            type="submit"
            size="md"
            // Not disabled while it sends: a disabled button loses the focus, and the result would never get it.
            aria-busy={hold.isSending || undefined}
            aria-disabled={isBusy || undefined}
            aria-keyshortcuts="Control+Enter"
            className={classes.run}
          >
            {door === null ? 'Run' : door === '/register' ? 'Register to run' : 'Sign in to run'}
          </Button>
        </footer>
      </form>
      <div className={classes.outputColumn} ref={outputRef}>
        <RunOutput
          hold={hold}
          example={example === undefined ? null : { ...example, result: exampleResult }}
          view={agent.view}
          onMend={mend}
          onRunAgain={() => void run()}
          headRef={headRef}
        />
      </div>
    </div>
  )
}

/** The person after they agreed to what the agent asks. */
const agreed = (person: Person | null): Person | null =>
  person === null || person.consent === null ? person : { ...person, consent: { ...person.consent, isNeeded: false } }

const NONE_SAID: ReadonlyMap<string, string> = new Map()

const versionSearch = (pinned: number | null): string => (pinned === null ? '' : `?version=${pinned}`)

/** Which door a visitor has to go through before they can run the agent; null for none. */
function doorOf(person: Person): '/sign-in' | '/register' | null {
  if (person.available !== null) return null
  if (person.trialsLeft === null) return '/sign-in'
  return person.trialsLeft > 0 ? null : '/register'
}

function visitorWords(trialsLeft: number | null): string {
  if (trialsLeft === null) return 'What you typed is kept while you sign in.'
  if (trialsLeft === 0) return 'The free runs of today are used up. Register to go on; what you typed is kept.'
  return `${trialsLeft} free ${trialsLeft === 1 ? 'run' : 'runs'} left today, without an account.`
}

/** The example that the address names, as a link in the catalogue does. */
function exampleOf(agent: AgentPage, search: string): AgentPage['examples'][number] | null {
  const name = new URLSearchParams(search).get('example')
  return name === null ? null : (agent.examples.find((example) => example.name === name) ?? null)
}

const exampleText = (input: unknown): string => (input === undefined ? '{}' : JSON.stringify(input, null, 2))

/** Moves the focus to the result when it is there, but only from Run: whoever went on reading or typing is left alone. */
function useResultFocus(
  run: { readonly runId: string; readonly status: Parameters<typeof isOver>[0] } | null,
  runRef: { readonly current: HTMLButtonElement | null },
  headRef: { readonly current: HTMLHeadingElement | null },
): void {
  const endedId = run !== null && isOver(run.status) ? run.runId : null
  useEffect(() => {
    if (endedId !== null && document.activeElement === runRef.current) headRef.current?.focus({ preventScroll: true })
  }, [endedId, runRef, headRef])
}

/** Who looks at the page: known in the browser only, because the page itself is the same for all. */
function usePerson(agentId: string, pinned: number | null) {
  const [person, setPerson] = useState<Person | null>(null)
  useEffect(() => {
    const life = new AbortController()
    let last = 0
    const read = () => {
      const mine = ++last
      void readPerson(agentId, pinned).then((now) => {
        // What was known stands while it cannot be asked for.
        if (mine === last && !life.signal.aborted) setPerson((known) => now ?? known)
      })
    }
    read()
    // Another run of theirs, in whatever tab or program, has changed what they have; this one as well.
    window.addEventListener(NEWS, read, { signal: life.signal })
    return () => life.abort()
  }, [agentId, pinned])
  return [person, setPerson] as const
}

async function readPerson(agentId: string, pinned: number | null): Promise<Person | null> {
  const params = { path: { id: agentId }, query: pinned === null ? {} : { version: pinned } }
  const view = await ask(api.GET('/api/agents/{id}', { params }))
  if (!view.ok) return null
  // A visitor has agreed to nothing yet: asking for their balance would only be refused.
  const consent = consentOf(view.data)
  // Fetched while they read: a run that is sent later need not wait for it. Failing, it is fetched again then.
  if (consent !== null) csrf().catch(() => undefined)
  if (consent === null) return { available: null, consent, trialsLeft: view.data.trialsLeft }
  const quote = await ask(api.GET('/api/agents/{id}/quote', { params }))
  return quote.ok ? { available: quote.data.available, consent, trialsLeft: null } : null
}
