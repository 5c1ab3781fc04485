import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import classes from './run.module.css'

/** A stranger's links open elsewhere, vouch for nothing and tell the other side nothing; a stranger's images would tell
 * it who reads: they are links. */
const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a href={typeof src === 'string' ? src : undefined} target="_blank" rel="noopener noreferrer nofollow ugc">
      Image: {alt === undefined || alt === '' ? 'without a description' : alt}
    </a>
  ),
  // A page has one first heading, and it is not a stranger's.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  // One that is too wide is scrolled, also with the keys.
  table: ({ children }) => <table tabIndex={0}>{children}</table>,
  // A heading without words is read out as one that heads nothing.
  th: ({ style, children }) => (children === undefined ? <td /> : <th style={style}>{children}</th>),
}

/** Markdown without raw HTML: what looks like a tag is shown as text. */
export function MarkdownView({ text }: { readonly text: string }) {
  return (
    <div className={classes.prose}>
      <Markdown remarkPlugins={[remarkGfm]} components={COMPONENTS}>
        {text}
      </Markdown>
    </div>
  )
}
