'use client'
import dynamic from 'next/dynamic'
import { useEffect, useId, useState, type ReactNode } from 'react'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { TabList } from '../run/tab-list.tsx'
import classes from './agent.module.css'

/** Loaded by whoever looks at them. */
const AgentVersions = dynamic(() => import('./agent-versions.tsx').then((module) => module.AgentVersions), {
  loading: () => <p className={classes.quiet}>Loading the versions …</p>,
})

const VERSIONS_HASH = '#versions'

/** What stands below input and output.
 * @param about rendered on the server */
export function AgentTabs({ agent, about }: { readonly agent: AgentPage; readonly about: ReactNode }) {
  const id = useId()
  const [tab, setTab] = useState<'about' | 'versions'>('about')
  useEffect(() => {
    const follow = () => window.location.hash === VERSIONS_HASH && setTab('versions')
    follow()
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])
  return (
    <div className={classes.below}>
      <TabList
        id={id}
        label="More on this agent"
        tabs={[
          { value: 'about', label: 'About' },
          { value: 'versions', label: 'Versions' },
        ]}
        value={tab}
        onChange={(value) => setTab(value === 'versions' ? 'versions' : 'about')}
      >
        {tab === 'about' ? about : <AgentVersions agent={agent} />}
      </TabList>
    </div>
  )
}
