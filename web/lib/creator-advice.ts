/** What the creator of an agent can do about the ways in which its runs end badly. */
const ADVICE: Readonly<Record<string, string>> = {
  AGENT_THREW: 'Its code threw. Say in the message what was wrong with which input: the caller reads it.',
  AGENT_EXITED: 'It ended its own process. Throw instead: then the caller reads why.',
  AGENT_NEVER_SETTLED: 'It waits for something that never comes. Look for a promise that nobody resolves.',
  AGENT_NOT_LOADABLE: 'Its code does not load. Publish a version whose imports are all in its folder.',
  AGENT_INPUT_REJECTED:
    'Your code refuses what your input schema allows. Narrow the schema, so that the form says it first.',
  AGENT_OUTPUT_INVALID: 'It answers what your output schema forbids. Widen the schema, or mend the answer.',
  AGENT_PROTOCOL_VIOLATION: 'It wrote to the channel of the sandbox. Leave standard output and its descriptors alone.',
  RUN_OUT_OF_MEMORY: 'Raise memoryMb, read files as streams, or take smaller ones (maxBytes).',
  RUN_CPU_EXCEEDED: 'Take smaller inputs, or do less for each.',
  RUN_OUTPUT_TOO_LARGE: 'Hand out large results as files (ctx.artifacts.put).',
  RUN_TIMED_OUT: 'Raise timeoutMs, or take smaller inputs. ctx.progress tells callers that it goes on.',
  EGRESS_DENIED: 'It asked for a host that its manifest does not name. Add it to egress.',
  EGRESS_LIMIT: 'It asks for more over the network than it declares. Raise the limit, or ask for less.',
  CAP_REACHED: 'It charges more than its price says it may. Raise max, or stop before it.',
  NOT_SUPPORTED: 'It asked for what this site does not offer.',
  AGENT_UNAVAILABLE: 'It was taken offline while the run waited.',
  INPUT_GONE: 'The run waited longer than its input was kept. Nothing of yours is wrong.',
  RUN_LOST: 'A process of this site died. Nothing of yours is wrong.',
  SANDBOX_FAILED: 'This site could not start the sandbox. Nothing of yours is wrong.',
}

export const creatorAdvice = (code: string): string => ADVICE[code] ?? 'Look its code up in the reference.'

/** Codes that {@link creatorAdvice} has words for: a test holds that these are all there are. */
export const ADVISED = Object.keys(ADVICE)
