'use client'
import { api, ask } from '../../lib/api.ts'
import { keyOrder, SCOPE_WORDS, USUAL_SCOPES, type Scope } from '../../lib/key-form.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { CheckboxGroup } from '../ui/checkbox-group.tsx'
import { Checkbox, NativeSelect, TextInput } from '../ui/fields.tsx'
import type { AgentChoice } from './keys.tsx'

type KeyFormProps = {
  readonly scopes: readonly Scope[]
  readonly agents: readonly AgentChoice[]
  readonly onMade: (made: { readonly name: string; readonly key: string; readonly agentIds: readonly string[] }) => void
  readonly onCancel: () => void
}

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'never', label: 'Until it is revoked' },
]

/** Makes a key that can do no more than it must. */
export function KeyForm({ scopes, agents, onMade, onCancel }: KeyFormProps) {
  const read = (data: FormData) =>
    keyOrder(
      {
        name: text(data, 'name'),
        scopes: data.getAll('scopes').map(String),
        agentIds: data.getAll('agentIds').map(String),
        days: text(data, 'days'),
        cap: text(data, 'cap'),
      },
      Date.now(),
    )
  const form = useForm({
    names: ['name', 'scopes', 'agentIds', 'days', 'cap'],
    check: (_value, data) => {
      const typed = read(data)
      return 'faults' in typed ? typed.faults : {}
    },
    send: async (_value, data) => {
      const typed = read(data)
      if ('faults' in typed) return null
      const answer = await ask(api.POST('/api/keys', { body: typed.order }))
      if (!answer.ok) return answer.problem
      onMade(answer.data)
      return null
    },
  })
  return (
    <form
      {...form.props}
      className={`${ui.form} ${ui.wideForm}`}
      aria-label="New key"
      style={{ marginBottom: '1.5rem' }}
    >
      <TextInput
        name="name"
        label="Name"
        description="What it is for"
        placeholder="Nightly import"
        maxLength={100}
        autoComplete="off"
        error={form.faults['name']}
        autoFocus
        data-autofocus
        style={{ maxWidth: '26rem' }}
      />
      <CheckboxGroup label="May" error={form.faults['scopes']}>
        <div style={{ display: 'grid', gap: '0.625rem', marginTop: '0.5rem' }}>
          {scopes.map((scope) => (
            <Checkbox
              key={scope}
              name="scopes"
              value={scope}
              defaultChecked={USUAL_SCOPES.includes(scope)}
              label={SCOPE_WORDS[scope]}
            />
          ))}
        </div>
      </CheckboxGroup>
      {agents.length > 0 && (
        <details>
          <summary style={{ cursor: 'pointer' }}>Only some agents</summary>
          <CheckboxGroup description="None chosen: every agent that the account may run.">
            <div style={{ display: 'grid', gap: '0.625rem', marginTop: '0.5rem' }}>
              {agents.map(({ id, name }) => (
                <Checkbox key={id} name="agentIds" value={id} label={name} />
              ))}
            </div>
          </CheckboxGroup>
        </details>
      )}
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: '1rem' }}>
        <NativeSelect name="days" label="Lasts" size="md" data={LIFETIMES} defaultValue="90" />
        <TextInput
          name="cap"
          label="Credits a month, at most"
          placeholder="No cap"
          inputMode="decimal"
          autoComplete="off"
          error={form.faults['cap']}
        />
      </div>
      <FormNotice problem={form.problem} />
      <div className={ui.buttons}>
        <Button type="submit" loading={form.isBusy}>
          Make the key
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value : ''
}
