import type { FastifyReply } from 'fastify'

/** Makes an answer a file to keep.
 * SECURITY: name, type and content are a stranger's. It is always a download, never a page of this origin: what a browser
 * would show inline could read everything here. Not compressed on the way: a range is of the bytes as they are. */
export function asDownload(reply: FastifyReply, name: string): void {
  reply
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`)
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-transform')
}

/** A claim that cannot stand in a header is no claim. */
export const mediaType = (claimed: string): string =>
  /^[\w.+-]{1,80}\/[\w.+-]{1,80}(; ?[\w.+-]{1,40}=[\w.+-]{1,40})?$/.test(claimed) ? claimed : 'application/octet-stream'
