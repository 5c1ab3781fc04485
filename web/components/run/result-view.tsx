import dynamic from 'next/dynamic'
import { labelWords, partsOf, viewOf, isTable, type ResultPart } from '../../lib/result-shape.ts'
import { isRecord } from '../../lib/is-record.ts'
import { DataTable } from './data-table.tsx'
import { JsonView } from './json-view.tsx'
import classes from './run.module.css'

const MarkdownView = dynamic(() => import('./markdown-view.tsx').then((module) => module.MarkdownView), {
  loading: () => <p className={classes.quiet}>Loading the text …</p>,
})

type ResultViewProps = { readonly value: unknown; readonly view: string | null }

/** An output as its agent wants it shown. All of it is a stranger's: text is text, markdown has no HTML, and HTML is
 * shown only in a frame that has no origin, runs no script and loads nothing. */
export function ResultView({ value, view: asked }: ResultViewProps) {
  const view = viewOf(value, asked)
  if (typeof value === 'string') {
    switch (view) {
      case 'markdown':
        return <MarkdownView text={value} />
      case 'html':
        return (
          <iframe
            className={classes.frame}
            sandbox=""
            srcDoc={framed(value)}
            title="Result"
            referrerPolicy="no-referrer"
          />
        )
      case 'image':
        return <img className={classes.image} src={value} alt="Result" />
      case 'audio':
        return <audio className={classes.audio} controls src={value} aria-label="Result" />
      default:
        return <pre className={classes.text}>{value}</pre>
    }
  }
  if (view === 'table' && isTable(value)) return <DataTable rows={value} label="Result" />
  if (view === 'facts' && isRecord(value)) return <Facts value={value} />
  return <JsonView value={value} label="Result as JSON" />
}

/** The policy stands inside the document as well: a frame without scripts still could fetch an image, and so tell who
 * looks at it. */
const framed = (html: string): string =>
  `<meta http-equiv="content-security-policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; media-src data:"><meta name="color-scheme" content="light">${html}`

function Facts({ value }: { readonly value: Readonly<Record<string, unknown>> }) {
  const parts = partsOf(value)
  const facts = parts.filter((part) => part.kind === 'fact')
  const notes = parts.filter((part) => part.kind === 'notes')
  const rest = parts.filter((part) => part.kind === 'table' || part.kind === 'text')
  return (
    <div className={classes.parts}>
      {facts.length > 0 && (
        <dl className={classes.facts}>
          {facts.map((fact) => (
            <div key={fact.name} data-long={fact.value.length > 16 || undefined}>
              <dt>{labelWords(fact.name)}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {[...notes, ...rest].map((part) => (
        <Part key={part.name} part={part} />
      ))}
    </div>
  )
}

function Part({ part }: { readonly part: ResultPart }) {
  if (part.kind === 'fact') return null
  return (
    <section>
      <h3 className={classes.partName}>
        {labelWords(part.name)}
        {part.kind === 'table' && <span className={classes.count}>{part.rows.length}</span>}
      </h3>
      {part.kind === 'table' && <DataTable rows={part.rows} label={labelWords(part.name)} />}
      {part.kind === 'text' && <p className={classes.longText}>{part.text}</p>}
      {part.kind === 'notes' && (
        <ul className={classes.notes}>
          {part.items.map((item, at) => (
            <li key={at}>{item}</li>
          ))}
        </ul>
      )}
    </section>
  )
}
