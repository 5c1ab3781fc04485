'use client'
import { useRef, useState, type FormEvent } from 'react'
import { faultsOf, type Faults } from '../../lib/form-faults.ts'
import type { Problem } from '../../lib/problem.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'

export type FormValues = (name: string) => string

type FormOptions = {
  readonly names: readonly string[]
  /** What can be told without asking the server. */
  readonly check?: (value: FormValues, data: FormData) => Faults
  /** Sends it. A problem comes back; null when it is done. */
  readonly send: (value: FormValues, data: FormData) => Promise<Problem | null>
  /** Somebody who is not signed in is expected here: 401 is an answer, not the end of a session. */
  readonly isForVisitors?: boolean
}

/** A form whose values stay in its fields, where password managers put them and nothing throws them away: on a problem
 * each fault stands beside its field and the first faulty one has the focus. */
export function useForm({ names, check, send, isForVisitors = false }: FormOptions) {
  const [faults, setFaults] = useState<Faults>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isBusy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  function show(found: Faults): void {
    setFaults(found)
    const first = names.find((name) => found[name] !== undefined)
    // After React has drawn: the field may have been disabled until now.
    requestAnimationFrame(() => field(form.current, first)?.focus())
  }

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    if (isBusy) return
    const data = new FormData(event.currentTarget)
    const value: FormValues = (name) => {
      const entry = data.get(name)
      return typeof entry === 'string' ? entry : ''
    }
    setProblem(null)
    const found = check?.(value, data) ?? {}
    if (Object.keys(found).length > 0) return show(found)
    setFaults({})
    setBusy(true)
    const failed = await send(value, data).finally(() => setBusy(false))
    if (failed === null) return
    if (!isForVisitors && leaveIfSignedOut(failed)) return
    const beside = faultsOf(failed, names)
    if (Object.keys(beside).length > 0) show(beside)
    // What belongs to no field of ours, or says more than a field can, stands above the button.
    if (Object.keys(beside).length === 0 || failed.code !== 'REQUEST_INVALID') setProblem(failed)
  }

  return {
    faults,
    problem,
    isBusy,
    /** `post`: should the page's script not be there yet, no password ends up in an address. */
    props: {
      ref: form,
      method: 'post' as const,
      noValidate: true,
      onSubmit: (event: FormEvent<HTMLFormElement>) => void submit(event),
    },
    /** Empties the fields after what was sent is done with. */
    reset: () => form.current?.reset(),
    setProblem,
  }
}

function field(form: HTMLFormElement | null, name: string | undefined): HTMLElement | null {
  if (form === null || name === undefined) return null
  return form.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`)
}
