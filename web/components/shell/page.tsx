import type { ReactNode } from 'react'
import classes from './page.module.css'

/** The column a page's content stands in. @param isNarrow for forms and prose */
export function Page({ isNarrow = false, children }: { readonly isNarrow?: boolean; readonly children: ReactNode }) {
  return <div className={isNarrow ? `${classes.page} ${classes.narrow}` : classes.page}>{children}</div>
}
