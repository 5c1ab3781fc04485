// The commit-msg hook: a subject tells the effect, in at most 72 characters (CONTRIBUTING.md).
import { readFileSync } from 'node:fs'

const subject = readFileSync(process.argv[2], 'utf8').split('\n', 1)[0]
const problems = [
  subject.length > 72 && `it has ${subject.length} characters, of 72`,
  /^(merge|revert)\b/i.test(subject) ? false : !/^[A-Z]/.test(subject) && 'it does not begin with a capital letter',
  /[.]$/.test(subject) && 'it ends with a full stop',
  /^(Fix(es|ed)|Add(s|ed)|Update[sd]?|Wip)\b/i.test(subject) && 'it names the work, not its effect, in the imperative',
].filter(Boolean)
if (problems.length > 0) {
  process.stderr.write(`The subject of the commit: ${problems.join('; ')}.\n`)
  process.exitCode = 1
}
