'use client'
import { useSyncExternalStore } from 'react'
import classes from './shell.module.css'

function subscribe(changed: () => void): () => void {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

/** Says that the connection is gone, and that nothing on the page is lost by it. */
export function OfflineNotice() {
  const isOnline = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  )
  return (
    <div role="status">
      {!isOnline && (
        <div className={classes.offline}>
          <strong>You are offline.</strong> What you typed stays here, and runs that were started go on.
        </div>
      )}
    </div>
  )
}
