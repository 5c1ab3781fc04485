import { defineErrors } from '../platform/errors.ts'

export const agentsErrors = defineErrors({
  EXAMPLE_FILE_GONE: {
    status: 404,
    retry: 'never',
    title: 'No example of the active version made such a file',
    fix: 'Read the agent again: its examples name the files that they made.',
  },
  AGENT_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is no such agent',
    fix: 'Check the id against GET /api/agents. A private agent is seen by its own account only.',
  },
  CREATOR_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'Nobody of that name publishes agents here',
    fix: 'Check the name; it is `owner` in GET /api/agents. Accounts without a public agent are not shown.',
  },
  AGENT_INACTIVE: {
    status: 409,
    retry: 'later',
    title: 'The agent cannot be run now',
    fix: 'Its creator or the operator has taken it out ({status}). Ask them, or choose another agent.',
  },
  AGENT_STATUS_CONFLICT: {
    status: 409,
    retry: 'never',
    title: 'The agent is not in a state that allows this',
    fix: 'It is {status}. Load the agent again and look at its status.',
  },
  VERSION_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'The agent has no such version',
    fix: 'Leave the version out to run the active one.',
  },
  INPUT_INVALID: {
    status: 422,
    retry: 'never',
    title: 'The input does not match what the agent takes',
    fix: 'Mend the named fields; the input schema stands under GET /api/agents/{agentId}. Nothing was charged.',
  },
  CONSENT_REQUIRED: {
    status: 409,
    retry: 'never',
    title: 'The agent asks for more than this account agreed to',
    fix: 'Read what it asks for at GET /api/agents/{agentId}, then send Bureau-Consent: {manifestHash}. Nothing was run.',
  },
  AGENT_SCHEMA_INVALID: {
    status: 422,
    retry: 'never',
    title: 'The agent declares a schema that cannot be used',
    fix: 'Mend its {schema} schema: {problem}.',
  },
  REPORT_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is no such open report',
    fix: 'Look at the open ones in GET /api/reports; somebody may have closed it.',
  },
})
