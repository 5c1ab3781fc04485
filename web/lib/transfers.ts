import type { Transfer } from './statement.ts'

/** Items of a list as the client types them: a caller may ask for some fields only. */
type Listed = { readonly [K in keyof Transfer]?: Transfer[K] | undefined }

/** The transfers of a list that was asked for whole. */
export function readTransfers(items: readonly Listed[]): Transfer[] {
  return items.flatMap(({ operationId, leg, type, direction, from, to, amount, at }) =>
    operationId === undefined ||
    leg === undefined ||
    type === undefined ||
    direction === undefined ||
    from === undefined ||
    to === undefined ||
    amount === undefined ||
    at === undefined
      ? []
      : [{ operationId, leg, type, direction, from, to, amount, at }],
  )
}
