/** Copies a text. Over plain http to another machine a browser hands out no clipboard; what it had before still works
 * there, from a press of a button.
 * @returns whether it is copied */
export async function toClipboard(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text)
    return true
  }
  const had = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'sr-only'
  document.body.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  if (had instanceof HTMLElement) had.focus({ preventScroll: true })
  return isCopied
}
