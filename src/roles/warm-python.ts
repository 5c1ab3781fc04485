import type { Logger } from '../platform/logger.ts'
import { statement } from '../platform/database.ts'
import type { Assembly } from './assemble.ts'

const HAS_PYTHON_AGENT = statement<{ found: boolean }>(
  'start.has_python_agent',
  `select exists (select 1 from "Agent" where language = 'python' and status = 'active') as found`,
)

/** Makes Python ready behind a start where an agent needs it, so that its first caller waits for nothing but his run. */
export async function warmPython({ db, sandbox }: Pick<Assembly, 'db' | 'sandbox'>, log: Logger): Promise<void> {
  try {
    const [answer] = await db.query(HAS_PYTHON_AGENT, [])
    if (answer?.found === true && sandbox.report().driver !== 'none') await sandbox.tryPython()
  } catch (error) {
    // Stopped meanwhile, or the database is gone: the first run tries again and says what is wrong.
    log.warn({ err: error }, 'Python was not made ready ahead')
  }
}
