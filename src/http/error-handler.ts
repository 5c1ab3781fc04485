import type { FastifyError, FastifyReply, FastifyRequest, RawServerBase, RouteGenericInterface } from 'fastify'
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod'
import { EnhancedAppError, handleEnhancedApiError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { httpErrors } from './http.errors.ts'
import { problemHeaders, problemText } from './problem.ts'

/** The one place where a thrown thing becomes an HTTP answer. What is not coded is logged whole and shown as its
 * request id only. */
export function createErrorHandler(deps: { readonly log: Logger }) {
  return (thrown: FastifyError | Error, req: FastifyRequest, reply: FastifyReply): void => {
    const error = codedErrorOf(thrown, req)
    if (error.status >= 500 && error.spec.retry !== 'now') {
      deps.log.error({ requestId: req.id, code: error.code, err: error.cause ?? error }, 'request failed')
    }
    sendProblem(error, req, reply)
  }
}

/** Answers a coded error as problem details. */
export function sendProblem<Server extends RawServerBase>(
  error: EnhancedAppError,
  req: Pick<FastifyRequest, 'id'>,
  reply: Pick<FastifyReply<RouteGenericInterface, Server>, 'code' | 'problemCode'>,
): void {
  reply.problemCode = error.code
  // Serialised here, so that a route's response schema for its success never meets an error.
  reply.code(error.status).headers(problemHeaders(error)).serializer(asItIs).send(problemText(error, req.id))
}

const asItIs = (payload: unknown): string => String(payload)

/** The coded error for whatever was thrown while a request was read or handled. */
export function codedErrorOf(thrown: unknown, req: FastifyRequest): EnhancedAppError {
  if (thrown instanceof EnhancedAppError) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    return httpErrors.REQUEST_INVALID(
      {
        in: thrown.validationContext ?? 'body',
        fields: thrown.validation.slice(0, 20).map(({ instancePath, message }) => ({
          path: instancePath === '/' ? '' : instancePath,
          message: message ?? 'is not valid',
        })),
      },
      { cause: thrown },
    )
  }
  if (isFastifyError(thrown)) return codedFrameworkError(thrown, req)
  if (isDataException(thrown)) {
    const fields = [{ path: '', message: 'holds a number, date or text that cannot be stored' }]
    return httpErrors.REQUEST_INVALID({ fields }, { cause: thrown })
  }
  return handleEnhancedApiError(thrown)
}

/** SQLSTATE class 22: what was sent passed our shapes and fits no column. The net under them, not their replacement. */
function isDataException(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    /^22[0-9A-Z]{3}$/.test(thrown.code)
  )
}

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && 'statusCode' in thrown
}

function codedFrameworkError(thrown: FastifyError, req: FastifyRequest): EnhancedAppError {
  const cause = { cause: thrown }
  if ('method' in thrown && isResponseSerializationError(thrown)) return handleEnhancedApiError(thrown)
  const status = thrown.statusCode ?? 500
  if (status === 413) return httpErrors.BODY_TOO_LARGE({ limitBytes: req.routeOptions.bodyLimit }, cause)
  if (status === 415) return httpErrors.MEDIA_TYPE_UNSUPPORTED({ got: req.headers['content-type'] ?? '' }, cause)
  if (thrown.code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return httpErrors.BODY_MALFORMED({ position: 0 }, cause)
  if (status === 404) return httpErrors.ROUTE_NOT_FOUND({ method: req.method, path: pathOf(req.url) }, cause)
  if (status >= 400 && status < 500) {
    return httpErrors.REQUEST_INVALID({ fields: [{ path: '', message: thrown.message }] }, cause)
  }
  return handleEnhancedApiError(thrown)
}

/** The path without its query, cut to what a log or a person wants to read. */
export const pathOf = (url: string): string => (url.split('?', 1)[0] ?? '').slice(0, 200)
