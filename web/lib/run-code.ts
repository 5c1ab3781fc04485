/** How to run an agent from code, with the input that stands in the form. */
export type CodeLanguage = 'curl' | 'javascript' | 'python'

export const CODE_WORDS = {
  curl: 'curl',
  javascript: 'JavaScript',
  python: 'Python',
} as const satisfies Record<CodeLanguage, string>

export type RunCall = {
  /** The site's own address, without a slash at its end. */
  readonly site: string
  readonly agentId: string
  /** A version that is pinned; null runs the one that is active then. */
  readonly version: number | null
  readonly inputJson: string
  /** The most that the run may cost, where the caller set it. */
  readonly maxCharge: string | null
}

/** A program that runs the agent. Every text of a stranger stands in a literal of its language. */
export function runCode(language: CodeLanguage, call: RunCall): string {
  return WRITERS[language](call)
}

const WRITERS: Readonly<Record<CodeLanguage, (call: RunCall) => string>> = {
  curl: (call) =>
    [
      `curl ${shellText(urlOf(call))} \\`,
      `  -H "Authorization: Bearer $BUREAU_API_KEY" \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -H "Idempotency-Key: $(uuidgen)" \\`,
      ...(call.maxCharge === null ? [] : [`  -H ${shellText(`Bureau-Max-Charge: ${call.maxCharge}`)} \\`]),
      `  --data-binary ${shellText(call.inputJson)}`,
    ].join('\n'),
  javascript: (call) =>
    [
      `const answer = await fetch(${scriptText(urlOf(call))}, {`,
      `  method: 'POST',`,
      `  headers: {`,
      '    authorization: `Bearer ${process.env.BUREAU_API_KEY}`,',
      `    'content-type': 'application/json',`,
      `    'idempotency-key': crypto.randomUUID(),`,
      ...(call.maxCharge === null ? [] : [`    'bureau-max-charge': ${scriptText(call.maxCharge)},`]),
      `  },`,
      `  body: JSON.stringify(${indented(call.inputJson, '  ')}),`,
      `})`,
      `const run = await answer.json()`,
      'if (!answer.ok) throw new Error(`${run.code}: ${run.title}. ${run.fix}`)',
      `console.log(run.output, run.charge)`,
    ].join('\n'),
  python: (call) =>
    [
      `import json, os, urllib.request, uuid`,
      ``,
      `request = urllib.request.Request(`,
      `    ${JSON.stringify(urlOf(call))},`,
      `    data=${pythonText(call.inputJson)}.encode(),`,
      `    headers={`,
      `        "Authorization": f"Bearer {os.environ['BUREAU_API_KEY']}",`,
      `        "Content-Type": "application/json",`,
      `        "Idempotency-Key": str(uuid.uuid4()),`,
      ...(call.maxCharge === null ? [] : [`        "Bureau-Max-Charge": ${JSON.stringify(call.maxCharge)},`]),
      `    },`,
      `)`,
      `with urllib.request.urlopen(request) as answer:`,
      `    run = json.load(answer)`,
      `print(run["output"], run["charge"])`,
    ].join('\n'),
}

const urlOf = ({ site, agentId, version }: RunCall): string =>
  `${site}/api/agents/${encodeURIComponent(agentId)}/run${version === null ? '' : `?version=${version}`}`

/** One word of a POSIX shell, whatever stands in it. */
export const shellText = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** A string literal of JavaScript. JSON is one, since ECMAScript 2019. */
const scriptText = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

/** A string literal of Python: JSON's escapes are its escapes, but for characters beyond the first plane, which JSON
 * leaves as they are. */
const pythonText = (text: string): string => JSON.stringify(text)

const indented = (json: string, by: string): string => json.split('\n').join(`\n${by}`)
