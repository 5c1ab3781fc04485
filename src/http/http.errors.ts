import { defineErrors } from '../platform/errors.ts'

export const httpErrors = defineErrors({
  ROUTE_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is nothing at this address',
    fix: 'Check method and path ({method} {path}) against /api/openapi.json.',
  },
  REQUEST_INVALID: {
    status: 400,
    retry: 'never',
    title: 'The request does not have the shape this address takes',
    fix: 'Correct the fields named in `fields`; /docs shows the shape.',
  },
  BODY_MALFORMED: {
    status: 400,
    retry: 'never',
    title: 'The body is not JSON',
    fix: 'Send valid JSON in UTF-8; reading stopped at byte {position}.',
  },
  BODY_TOO_DEEP: {
    status: 400,
    retry: 'never',
    title: 'The body is nested too deeply',
    fix: 'Nest objects and arrays at most {limit} deep.',
  },
  BODY_KEY_FORBIDDEN: {
    status: 400,
    retry: 'never',
    title: 'The body uses a key that is refused everywhere',
    fix: 'Rename the key {key}.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    retry: 'never',
    title: 'The body is too large',
    fix: 'Send at most {limitBytes} bytes here.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    retry: 'never',
    title: 'The body has a type that this address does not take',
    fix: 'Send Content-Type: application/json, or what /docs names for this address.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    retry: 'never',
    title: 'The request headers are too large',
    fix: 'Send fewer or shorter headers.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retry: 'later',
    title: 'The request did not arrive in time',
    fix: 'Send the whole request within {timeoutMs} ms.',
  },
  BODY_TOO_SLOW: {
    status: 408,
    retry: 'later',
    title: 'The body of the request stopped coming, or came too slowly',
    fix: 'Nothing may be missing for {idleMs} ms, and {bytesPerSecond} bytes have to come a second. A large file goes on where it broke off at /api/uploads/resumable.',
  },
  RATE_LIMITED: {
    status: 429,
    retry: 'later',
    title: 'Too many requests',
    fix: 'Wait {retryAfterSeconds} s. The limit is {limit} requests a minute for each {per}.',
  },
  SHUTTING_DOWN: {
    status: 503,
    retry: 'now',
    title: 'This server is going away',
    fix: 'Send the request again on a new connection.',
  },
  LIST_CURSOR_INVALID: {
    status: 400,
    retry: 'never',
    title: 'The cursor is not one that this list gave out',
    fix: 'Send `nextCursor` of the page before exactly as it was, or leave `cursor` out to start again.',
  },
  LIST_FIELD_UNKNOWN: {
    status: 400,
    retry: 'never',
    title: 'A field asked for does not exist',
    fix: 'Choose from: {known}. Unknown: {unknown}.',
  },
})
