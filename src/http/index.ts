export {
  createHttpApp,
  type Authentication,
  type EndedRequest,
  type HttpApp,
  type HttpAppDeps,
} from './create-http-app.ts'
export { createHttpService, type HttpService } from './http-service.ts'
export { matchesTag } from './conditional-get.ts'
export { asDownload, mediaType } from './downloads.ts'
export { docsRoutes } from './docs.routes.ts'
export { errorsPage, page, PAGE_POLICY } from './docs-errors.ts'
export { pathOf, sendProblem } from './error-handler.ts'
export { escapeHtml } from './html.ts'
export type { FindReadyAnswer, ReadyAnswer } from './first-answers.ts'
export { httpErrors } from './http.errors.ts'
export { httpOptions } from './http.options.ts'
export { jsonDepth, MAX_JSON_DEPTH, parseJsonBody } from './json-body.ts'
export {
  encodeCursor,
  pageOf,
  pageQuery,
  pickFields,
  presentPage,
  readFields,
  readPage,
  type Page,
  type PageQuery,
} from './lists.ts'
export { isOwnOrigin } from './own-origin.ts'
export { networkOf } from './rate-limits.ts'
export { columnText, idText, isStorable } from './text.ts'
