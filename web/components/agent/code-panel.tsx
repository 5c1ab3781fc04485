'use client'
import { useId, useState } from 'react'
import { CODE_WORDS, runCode, type CodeLanguage, type RunCall } from '../../lib/run-code.ts'
import { CopyText } from '../run/copy-text.tsx'
import { TabList } from '../run/tab-list.tsx'
import runClasses from '../run/run.module.css'
import classes from './agent.module.css'

const LANGUAGES = ['curl', 'javascript', 'python'] as const

/** How to do from code what the form would do now. */
export function CodePanel(call: RunCall) {
  const [language, setLanguage] = useState<CodeLanguage>('curl')
  const id = useId()
  const code = runCode(language, call)
  return (
    <div>
      <p className={classes.quiet}>
        The input that stands in the form now. Make an API key under <a href="/developers">Developers</a>; every field
        and answer stands in the <a href="/docs">API reference</a>.
      </p>
      <TabList
        id={id}
        label="Language"
        tabs={LANGUAGES.map((value) => ({ value, label: CODE_WORDS[value] }))}
        value={language}
        onChange={(value) => setLanguage(LANGUAGES.find((each) => each === value) ?? 'curl')}
      >
        <pre className={runClasses.code} tabIndex={0} role="region" aria-label={`${CODE_WORDS[language]} code`}>
          {code}
        </pre>
        <CopyText text={code} label="Copy" what={`${CODE_WORDS[language]} code`} />
      </TabList>
    </div>
  )
}
