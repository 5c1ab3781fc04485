import { defineErrors } from '../platform/errors.ts'

export const secretsErrors = defineErrors({
  SECRET_NOT_DECLARED: {
    status: 422,
    retry: 'never',
    title: 'The agent does not declare such a secret',
    fix: 'It declares: {declared}. See "secrets" of GET /api/agents/{agentId}.',
  },
  SECRET_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'This account has set no such secret',
    fix: 'Check agent and name against GET /api/secrets.',
  },
})
