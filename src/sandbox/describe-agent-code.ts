import { checkJson } from './check-json.ts'
import type { ExecuteDeps } from './execute-agent-code.ts'
import { encodeFrame, type FrameFault, type GuestFrame } from './frames.ts'
import type { Instance } from './instance.ts'
import type { AgentCode, Description } from './sandbox.types.ts'

/** Largest manifest. */
const MANIFEST_BYTES = 65_536
const DESCRIBE_TIMEOUT_MS = 10_000

/** Reads an agent's manifest inside a fresh sandbox: importing a stranger's module already runs its code.
 * @param memoryMb memory the module may use while it loads
 * @returns the manifest as the agent tells it: unknown until the caller has parsed it; at most 64 kB of JSON
 * @throws Error when no sandbox can be started */
export async function describeAgentCode(
  deps: ExecuteDeps,
  agentCode: AgentCode,
  memoryMb: number,
): Promise<Description> {
  const runtime = agentCode.runtime ?? 'javascript'
  const lease = await deps.pool.lease({ runtime, warmKey: null, memoryMb, cpuMs: DESCRIBE_TIMEOUT_MS })
  try {
    return await ask(deps, lease.instance, deps.loadable.of(agentCode))
  } finally {
    lease.release(false)
  }
}

function ask(deps: ExecuteDeps, instance: Instance, load: Buffer): Promise<Description> {
  return new Promise((resolve) => {
    const answer = (description: Description): void => {
      clearTimeout(timer)
      instance.endLease()
      instance.kill('retired')
      resolve(description)
    }
    const refuse = (message: string): void => answer({ ok: false, code: 'AGENT_NOT_LOADABLE', message })
    const timer = setTimeout(
      () =>
        answer({
          ok: false,
          code: 'TIMED_OUT',
          message: `The module did not load within ${DESCRIBE_TIMEOUT_MS} ms`,
        }),
      DESCRIBE_TIMEOUT_MS,
    )
    const heard = (frame: GuestFrame, payload: Buffer | null): void => {
      if (frame.t === 'failed')
        return answer({
          ok: false,
          code: frame.code,
          message: frame.message,
          ...(frame.stack === undefined ? {} : { stack: frame.stack }),
        })
      if (frame.t !== 'result') return
      const json = payload ?? Buffer.alloc(0)
      if (!checkJson(json, deps.maxDepth).ok) return refuse('The manifest is not JSON, or nested too deep')
      answer({ ok: true, manifest: JSON.parse(json.toString('utf8')) })
    }
    const fault = (why: FrameFault): void =>
      why.code === 'too_large'
        ? refuse(`The manifest has more than ${MANIFEST_BYTES} bytes`)
        : answer({ ok: false, code: 'AGENT_PROTOCOL_VIOLATION', message: why.why })
    instance.lease(
      {
        frame: heard,
        fault,
        died: (death) =>
          answer(
            death.outOfMemory || death.killedBy === 'memory'
              ? {
                  ok: false,
                  code: 'RUN_OUT_OF_MEMORY',
                  message: 'Loading the module took too much memory',
                }
              : {
                  ok: false,
                  code: 'AGENT_EXITED',
                  message: 'The module ended its process while it was loaded',
                },
          ),
      },
      MANIFEST_BYTES,
    )
    instance.send(
      encodeFrame({ t: 'load', bytes: load.length }),
      load,
      encodeFrame({ t: 'describe', out: MANIFEST_BYTES }),
    )
  })
}
