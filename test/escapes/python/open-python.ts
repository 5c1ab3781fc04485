import { launch, SEARCH_PATH, type Driver } from '../../../src/sandbox/driver.ts'
import { PYTHON_FLAGS, type Python } from '../../../src/sandbox/python/find-python.ts'
import { PYTHON_HARNESS } from '../../../src/sandbox/python/python-driver.ts'

/** Python on the open host, with the same limits and no wall: the control of attacks on files, facts, processes and the
 * network. */
export function openPython(python: Python): Driver {
  return {
    kind: 'bubblewrap',
    runtime: 'python',
    hasSeccomp: false,
    plan: (options) => ({
      ...launch(options, [python.binary, ...PYTHON_FLAGS, PYTHON_HARNESS]),
      env: { PATH: SEARCH_PATH, HOME: '/tmp', TMPDIR: '/tmp' },
      cwd: '/',
      seccompFile: null,
    }),
    prepare: async () => {},
    dispose: () => {},
  }
}
