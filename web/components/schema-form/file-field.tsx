'use client'
import { useId, useRef, useState, type ClipboardEvent, type DragEvent } from 'react'
import { fileOf, valueOf, type FileValue } from '../../lib/form-values.ts'
import type { RunProblem } from '../../lib/run-problem.ts'
import type { Field } from '../../lib/schema-fields.ts'
import { sizeWords } from '../../lib/size-words.ts'
import { Button } from '../ui/button.tsx'
import { FieldFrame, TextInput } from '../ui/fields.tsx'
import { descriptionOf, fieldId, type FieldProps } from './field-props.ts'
import classes from './schema-form.module.css'
import { Icon } from '../ui/icon.tsx'

type Going = {
  readonly name: string
  readonly fraction: number
  readonly isWaiting: boolean
  readonly stop: () => void
}

/** A file: dropped, pasted, chosen, or named by an address that the site fetches. It is sent when it is chosen, not when
 * Run is pressed, so that a run begins at once however large its input is. */
export function FileField({ field, raw, problem, onChange, onLeave }: FieldProps<Extract<Field, { kind: 'file' }>>) {
  const [going, setGoing] = useState<Going | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [isOver, setOver] = useState(false)
  const [names, setNames] = useState<Readonly<Record<string, string>>>({})
  const [isByUrl, setByUrl] = useState(false)
  /** What could not be sent, to be sent again without choosing it anew. */
  const [last, setLast] = useState<File | null>(null)
  const picker = useRef<HTMLInputElement>(null)
  const hintId = useId()
  const file = fileOf(valueOf(raw))

  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return
    setFailure(null)
    if (field.maxBytes !== null && chosen.size > field.maxBytes) {
      setFailure(`At most ${sizeWords(field.maxBytes)}; ${chosen.name} has ${sizeWords(chosen.size)}`)
      return
    }
    const stop = new AbortController()
    setLast(null)
    setGoing({ name: chosen.name, fraction: 0, isWaiting: false, stop: () => stop.abort() })
    const { uploadFile } = await import('../../lib/upload-file.ts')
    const sent = await uploadFile(
      chosen,
      (fraction, isWaiting) => setGoing((held) => (held === null ? null : { ...held, fraction, isWaiting })),
      stop.signal,
    )
    setGoing(null)
    if (sent.kind === 'stopped') return
    if (sent.kind === 'failed') {
      setFailure(refusalWords(sent.problem, chosen.name))
      setLast(chosen)
    } else {
      setNames({ ...names, [sent.raw]: `${chosen.name}, ${sizeWords(chosen.size)}` })
      onChange(sent.raw)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }
  const paste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.files[0] ?? textFile(event.clipboardData.getData('text/plain'))
    if (pasted === undefined) return
    event.preventDefault()
    void take(pasted)
  }
  const remove = () => {
    onChange(undefined)
    setByUrl(false)
    setFailure(null)
  }
  const isUrl = isByUrl || file?.kind === 'url'
  return (
    <FieldFrame
      id={fieldId(field.name)}
      label={field.label}
      required={field.isRequired}
      description={descriptionOf(field)}
      error={failure ?? problem}
      labelElement="div"
    >
      {going !== null ? (
        <div className={classes.file}>
          <Icon name="file" size={18} />
          <span className={classes.fileName}>
            {going.name}
            <progress max={1} value={going.fraction} aria-label={`Uploading ${going.name}`} />
            <span className={classes.goingWords}>
              <span aria-hidden>{Math.floor(going.fraction * 100)} %</span>{' '}
              <span role="status">{going.isWaiting ? 'No connection. It goes on where it stopped.' : ''}</span>
            </span>
          </span>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={going.stop}>
            Stop
          </Button>
        </div>
      ) : isUrl ? (
        <div className={classes.byUrl}>
          <TextInput
            aria-label={`Address of ${field.label}`}
            type="url"
            placeholder="https://"
            value={file?.kind === 'url' ? file.url : ''}
            onBlur={onLeave}
            onChange={(event) => onChange(JSON.stringify({ $url: event.currentTarget.value }))}
          />
          <Button variant="subtle" color="gray" onClick={remove}>
            Choose a file instead
          </Button>
        </div>
      ) : file !== null ? (
        <div className={classes.file}>
          <Icon name="file" size={18} />
          <span className={classes.fileName}>{fileWords(file, raw === undefined ? undefined : names[raw])}</span>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={remove}
            leftSection={<Icon name="x" size={14} />}
          >
            Remove<span className="sr-only"> {field.label}</span>
          </Button>
        </div>
      ) : (
        <div
          className={classes.drop}
          data-over={isOver || undefined}
          data-wrong={(failure ?? problem) !== null || undefined}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          onPaste={paste}
        >
          <Icon name="upload" size={20} />
          <p id={hintId}>
            Drop or paste a file{field.maxBytes === null ? '' : `, at most ${sizeWords(field.maxBytes)}`}
          </p>
          <div className={classes.fileButtons}>
            {last !== null && (
              <Button size="sm" onClick={() => void take(last)}>
                Send {last.name} again
              </Button>
            )}
            <Button
              id={`${fieldId(field.name)}-choose`}
              size="sm"
              variant="default"
              aria-describedby={hintId}
              onClick={() => picker.current?.click()}
              onBlur={onLeave}
            >
              Choose a file<span className="sr-only"> for {field.label}</span>
            </Button>
            <Button
              size="sm"
              variant="subtle"
              color="gray"
              leftSection={<Icon name="link" size={15} />}
              onClick={() => setByUrl(true)}
            >
              By address
            </Button>
          </div>
          <input
            ref={picker}
            type="file"
            hidden
            accept={acceptOf(field.accept)}
            data-field={field.name}
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
        </div>
      )}
    </FieldFrame>
  )
}

/** A small text stands in the form itself, and stays there; a larger file has no place before one is known. */
const refusalWords = (problem: RunProblem, name: string): string =>
  problem.status === 401
    ? `${name} can be sent once you are signed in: texts of at most 256 kB can be before. Sign in and choose it again; the rest of the form is kept.`
    : `${problem.title}. ${problem.fix}`

/** Wildcards of an agent would hide files that it takes under another type. */
const acceptOf = (types: readonly string[]): string | undefined =>
  types.length === 0 || types.includes('application/octet-stream') ? undefined : types.join(',')

/** Text that was copied out of a table or a mail is a file too. */
const textFile = (text: string): File | undefined =>
  text.trim() === '' ? undefined : new File([text], 'pasted.txt', { type: 'text/plain' })

function fileWords(file: FileValue, name: string | undefined): string {
  if (file.kind === 'url') return file.url
  if (file.kind === 'bytes') return `${file.name}, ${sizeWords(file.sizeBytes)}`
  if (name !== undefined) return name
  return file.kind === 'upload' ? 'A file you uploaded' : `Text, ${sizeWords(file.sizeBytes)}`
}
