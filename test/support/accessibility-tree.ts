import type { Page } from 'playwright-core'

/** What a screen reader is given of one element. */
export type AccessibleNode = {
  readonly role: string
  readonly name: string
  readonly value: string | null
  readonly isFocused: boolean
  /** How changes are read out: null where they are not. */
  readonly live: string | null
  /** The words within. */
  readonly text: string
}

type RawNode = {
  readonly nodeId: string
  readonly ignored: boolean
  readonly role?: { readonly value?: unknown }
  readonly name?: { readonly value?: unknown }
  readonly value?: { readonly value?: unknown }
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[]
  readonly childIds?: readonly string[]
}

/** Reads the tree that Chromium hands to screen readers.
 * @returns how to read it, as often as one likes */
export async function accessibilityTreeOf(page: Page): Promise<() => Promise<AccessibleNode[]>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Accessibility.enable')
  return async () => {
    const { nodes }: { readonly nodes: readonly RawNode[] } = await session.send('Accessibility.getFullAXTree')
    const byId = new Map(nodes.map((node) => [node.nodeId, node]))
    const textOf = (node: RawNode): string => {
      if (node.role?.value === 'StaticText') return said(node.name?.value) ?? ''
      return (node.childIds ?? [])
        .flatMap((id) => byId.get(id) ?? [])
        .map(textOf)
        .join('')
    }
    return nodes
      .filter((node) => !node.ignored)
      .map((node) => ({
        role: said(node.role?.value) ?? '',
        name: said(node.name?.value) ?? '',
        value: said(node.value?.value),
        isFocused: propertyOf(node, 'focused') === 'true',
        live: propertyOf(node, 'live'),
        text: textOf(node),
      }))
  }
}

const said = (value: unknown): string | null =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '')
    ? String(value)
    : null
const propertyOf = (node: RawNode, name: string): string | null =>
  said(node.properties?.find((property) => property.name === name)?.value.value)
