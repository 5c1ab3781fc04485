import classes from './states.module.css'

/** Holds the place of a panel that is being read, at its size, so that nothing jumps when it comes.
 * @param rows how many lines it will have @param rowHeight their height in px */
export function PanelSkeleton({ rows = 4, rowHeight = 44 }: { readonly rows?: number; readonly rowHeight?: number }) {
  return (
    <div aria-busy="true" role="status">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={classes.skeleton} style={{ height: rowHeight - 8 }} aria-hidden="true" />
      ))}
    </div>
  )
}
