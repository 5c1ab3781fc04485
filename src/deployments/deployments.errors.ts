import { defineErrors } from '../platform/errors.ts'

/** Why a version did not go live, for its creator; the first group also refuses an upload at once. */
export const deploymentsErrors = defineErrors({
  SOURCE_INVALID: {
    status: 422,
    retry: 'never',
    title: 'The uploaded source cannot be used',
    fix: '{problem}',
  },
  SLUG_INVALID: {
    status: 422,
    retry: 'never',
    title: 'The name of the agent in addresses cannot be used',
    fix: 'Use 1 to 40 lower-case letters, digits and dashes, beginning with a letter or digit.',
  },
  DEPLOYMENT_BUSY: {
    status: 409,
    retry: 'now',
    title: 'Several versions of the agent were uploaded at once',
    fix: 'Upload again.',
  },
  DEPLOYMENT_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is no such deployment',
    fix: 'Check the id.',
  },
  BUNDLE_IMPORT_REFUSED: {
    status: 422,
    retry: 'never',
    title: 'The source imports what an agent may not',
    fix: 'Take "{import}" out of {file}. An agent may import "bureau", "zod" and the files uploaded with it.',
  },
  BUNDLE_BUILTIN_REFUSED: {
    status: 422,
    retry: 'never',
    title: 'The source uses a part of Node.js that agents do not have',
    fix: '{file} imports "{import}", which gives {capability}. {instead}',
  },
  DEPENDENCIES_INVALID: {
    status: 422,
    retry: 'never',
    title: 'The packages of the agent cannot be taken in',
    fix: '{reason}',
  },
  DEPENDENCIES_NOT_LOCKED: {
    status: 422,
    retry: 'never',
    title: 'The packages of the agent are not pinned',
    fix: 'Run `npm install` in the folder and publish it again with the package-lock.json that it writes.',
  },
  DEPENDENCIES_NOT_OFFERED: {
    status: 422,
    retry: 'never',
    title: 'This site takes no npm packages in',
    fix: 'Copy the code that is needed into the agent, or ask the operator to set BUREAU_NPM_REGISTRY.',
  },
  DEPENDENCIES_UNAVAILABLE: {
    status: 503,
    retry: 'later',
    title: 'The npm registry does not answer',
    fix: 'The deployment tries again by itself; it stopped at {package}.',
  },
  PYTHON_PACKAGES_NOT_OFFERED: {
    status: 422,
    retry: 'never',
    title: 'This site takes no Python packages in',
    fix: 'Copy the code that is needed into the agent and delete requirements.txt, or ask the operator to set BUREAU_PYTHON_INDEX.',
  },
  PYTHON_PACKAGES_NOT_PINNED: {
    status: 422,
    retry: 'never',
    title: 'The packages of the agent are not pinned',
    fix: 'Pin {line} in requirements.txt as `name==version`: `pip freeze > requirements.txt` writes all of them, those that others need included.',
  },
  PYTHON_INDEX_UNAVAILABLE: {
    status: 503,
    retry: 'later',
    title: 'The index of Python packages does not answer',
    fix: 'The deployment tries again by itself; it stopped at {package}.',
  },
  BUNDLE_FAILED: {
    status: 422,
    retry: 'never',
    title: 'The source cannot be built',
    fix: '{problem}',
  },
  BUNDLE_TOO_LARGE: {
    status: 422,
    retry: 'never',
    title: 'The built agent is too large',
    fix: 'It has {sizeBytes} bytes; at most {maxBytes} are taken. Move data out of the code.',
  },
  AGENT_NOT_DESCRIBED: {
    status: 422,
    retry: 'never',
    title: 'The agent could not say what it is',
    fix: 'Loading it in a sandbox failed with {reason}: {problem}',
  },
  MANIFEST_INVALID: {
    status: 422,
    retry: 'never',
    title: "The agent's description of itself is not valid",
    fix: '{problem}',
  },
  LIMIT_TOO_HIGH: {
    status: 422,
    retry: 'never',
    title: 'The agent asks for more than this site gives',
    fix: '{field} is {asked}; at most {limit} is given here.',
  },
  EXAMPLE_FILE_NOT_FOUND: {
    status: 422,
    retry: 'never',
    title: 'An example names a file that was not uploaded',
    fix: 'Upload {file} with the source, or take it out of the example "{example}".',
  },
  EXAMPLE_FAILED: {
    status: 422,
    retry: 'never',
    title: 'An example of the agent does not run',
    fix: 'The example "{example}" ended with {reason}: {problem}',
  },
  DEPLOYMENT_INTERRUPTED: {
    status: 500,
    retry: 'later',
    title: 'The site could not finish the deployment',
    fix: 'Nothing is wrong with the agent as far as we know. Upload it again; if it goes on, tell the operator.',
  },
})
