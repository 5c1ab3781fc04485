import classes from './run.module.css'

/** What browsers show as pictures. SVG is not among them: it is a document that can load and run things. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'])
const MOST_BYTES = 20_000_000
const MOST_PICTURES = 6

type Picture = { readonly name: string; readonly type: string; readonly sizeBytes: number; readonly url: string }

/** The pictures among the files that a run made, as they are. The address is of this site's making; a file that claims
 * to be a picture and is none shows its name. */
export function PicturePreviews({ files }: { readonly files: readonly Picture[] }) {
  const pictures = files.filter(
    ({ type, sizeBytes }) => SHOWN.has(type.split(';')[0]?.trim().toLowerCase() ?? '') && sizeBytes <= MOST_BYTES,
  )
  if (pictures.length === 0) return null
  return (
    <div className={classes.previews}>
      {pictures.slice(0, MOST_PICTURES).map(({ name, url }) => (
        <img key={url} className={classes.image} src={url} alt={name} loading="lazy" decoding="async" />
      ))}
    </div>
  )
}
