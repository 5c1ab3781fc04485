import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, SEARCH_PATH, type Driver } from '../../../src/sandbox/driver.ts'
import { PYTHON_FLAGS, type Python } from '../../../src/sandbox/python/find-python.ts'
import { PYTHON_HARNESS } from '../../../src/sandbox/python/python-driver.ts'

/** Python on the open host, with the same limits and no wall: the control of attacks on files, facts, processes and the
 * network. */
export function openPython(python: Python): Driver {
  const folder = mkdtempSync(join(tmpdir(), 'bureau-open-'))
  return {
    kind: 'bubblewrap',
    runtime: 'python',
    hasSeccomp: false,
    plan(options) {
      // A scratch folder for each, as in the sandbox: none loads another's code.
      const scratch = mkdtempSync(join(folder, 'instance-'))
      return {
        ...launch(options, [python.binary, ...PYTHON_FLAGS, PYTHON_HARNESS]),
        env: { PATH: SEARCH_PATH, HOME: scratch, TMPDIR: scratch },
        cwd: '/',
        seccompFile: null,
      }
    },
    prepare: async () => {},
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
