'use client'
import dynamic from 'next/dynamic'
import classes from './run.module.css'

/** Loaded by whoever looks at a log. */
export const LogLater = dynamic(() => import('./log-view.tsx').then((module) => module.LogView), {
  loading: () => <div className={classes.logPlace} aria-busy="true" />,
})
