'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { present } from '../../lib/form-faults.ts'
import { DoneNotice, FormNotice } from '../ui/form-notice.tsx'
import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'

/** The name that others see. */
export function ProfilePanel({ name }: { readonly name: string }) {
  const router = useRouter()
  const [isDone, setDone] = useState(false)
  const form = useForm({
    names: ['name'],
    check: (value) => present({ name: value('name').trim() === '' ? 'Enter a name; others see it' : undefined }),
    send: async (value) => {
      setDone(false)
      const answer = await ask(api.PATCH('/api/me', { body: { name: value('name').trim() } }))
      if (!answer.ok) return answer.problem
      setDone(true)
      router.refresh()
      return null
    },
  })
  return (
    <Panel title="Profile" text="Members of your accounts, and whoever you invite, see your name and address.">
      <form {...form.props} className={ui.form}>
        <TextInput
          name="name"
          label="Name"
          autoComplete="name"
          maxLength={100}
          defaultValue={name}
          error={form.faults['name']}
        />
        <FormNotice problem={form.problem} />
        <DoneNotice>{isDone ? 'Your name is changed.' : null}</DoneNotice>
        <div className={ui.buttons}>
          <Button type="submit" variant="default" loading={form.isBusy}>
            Change the name
          </Button>
        </div>
      </form>
    </Panel>
  )
}
