import { defineErrors } from '../platform/errors.ts'

export const realtimeErrors = defineErrors({
  REALTIME_ORIGIN_REFUSED: {
    status: 403,
    retry: 'never',
    title: 'Another site asked for a socket',
    fix: 'Open the socket from the address that BUREAU_URL names.',
  },
  REALTIME_TOKEN_REQUIRED: {
    status: 401,
    retry: 'never',
    title: 'The socket came without a token',
    fix: 'Get one by POST /api/tokens with {"audience":"realtime"} and send it as auth.token within a minute.',
  },
  REALTIME_ROOM_REFUSED: {
    status: 403,
    retry: 'never',
    title: 'This room is not yours to hear',
    fix: 'Subscribe to account:<your account>; admins also to site.',
  },
  REALTIME_TOO_MANY: {
    status: 429,
    retry: 'later',
    title: 'Too many sockets or rooms',
    fix: 'Close what is not used: a person may have {most} of them at once.',
  },
  REALTIME_REQUEST_INVALID: {
    status: 400,
    retry: 'never',
    title: 'The subscription cannot be read',
    fix: 'Send subscribe with {"room": "account:<id>", "lastSeq": <the last seq you saw, if any>}.',
  },
})
