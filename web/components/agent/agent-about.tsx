import Link from 'next/link'
import type { AgentPage } from '../../lib/agent-facts.ts'
import { stopWords } from '../../lib/price-words.ts'
import { fieldsOf, type Field } from '../../lib/schema-fields.ts'
import { durationWords } from '../../lib/time-words.ts'
import { MarkdownView } from '../run/markdown-view.tsx'
import classes from './agent.module.css'

/** What one reads before or after running: the creator's own words, the fields, the bounds. Rendered on the server, so
 * that no visitor loads a reader of markdown for it. */
export function AgentAbout({ agent }: { readonly agent: AgentPage }) {
  // As in the form: what is required first.
  const fields = fieldsOf(agent.input).fields.toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired))
  return (
    <div className={classes.about}>
      {agent.readme !== null && agent.readme.trim() !== '' && (
        <section aria-labelledby="about">
          <h2 id="about">About</h2>
          <MarkdownView text={withoutTitle(agent.readme, agent.name)} />
        </section>
      )}
      {fields.length > 0 && (
        <section aria-labelledby="fields">
          <h2 id="fields">What it takes</h2>
          <dl className={classes.fieldList}>
            {fields.map((field) => (
              <div key={field.name}>
                <dt>
                  <code>{field.name}</code>{' '}
                  <span className={classes.quiet}>{field.isRequired ? 'required' : 'optional'}</span>
                </dt>
                <dd>{field.help ?? kindWords(field)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <section aria-labelledby="bounds">
        <h2 id="bounds">Bounds</h2>
        <p className={classes.quiet}>
          {agent.timeoutMs !== null && `A run may take ${durationWords(agent.timeoutMs).replace('.0 s', ' s')}`}
          {agent.memoryMb !== null && ` and ${agent.memoryMb} MB of memory`}. A run that fails, or takes longer, costs
          nothing. {stopWords(agent.price)} Your runs stand under <Link href="/runs">Runs</Link>.
        </p>
      </section>
    </div>
  )
}

/** The name stands at the top of the page already. */
function withoutTitle(readme: string, name: string): string {
  const [first = '', ...rest] = readme.trimStart().split('\n')
  return first.trim().toLowerCase() === `# ${name.toLowerCase()}` ? rest.join('\n') : readme
}

const MOST_CHOICES = 12

const KIND_WORDS: Readonly<Record<string, string>> = {
  text: 'Text',
  secret: 'A secret text',
  number: 'A number',
  boolean: 'Yes or no',
  choice: 'One of a list',
  list: 'A list',
  date: 'A date',
  file: 'A file',
  json: 'JSON',
}

function kindWords(field: Field): string {
  // A list that is too long to read stands in the form.
  if (field.kind === 'choice' && field.choices.length <= MOST_CHOICES)
    return `One of ${field.choices.map(({ label }) => label).join(', ')}`
  return KIND_WORDS[field.kind] ?? 'A value'
}
