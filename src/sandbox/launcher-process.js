// The launcher: a small process of its own that forks for the supervisor. A fork copies the page tables of whoever forks
// and makes every page it touches afterwards fault once: 10-17 ms of the supervisor's processor time at 200 MB resident,
// in which it answers nobody. From here it costs the supervisor 1.7 ms. Plain JavaScript because loading the type
// stripper would double this process's memory, which is what a fork costs.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { connect } from 'node:net'

const STDERR_KEPT = 2_000
const children = new Map()
const [, , socketPath] = process.argv

function launch({ id, plan }) {
  // Never read here: whatever arrives belongs to the guest.
  const socket = connect({ path: socketPath, readable: false })
  children.set(id, { pid: null, killed: false })
  socket.on('error', () => ended(id, null, null, 'the supervisor cannot be reached'))
  // The first bytes tell the supervisor whose connection this is; the guest's own follow.
  socket.on('connect', () => socket.write(id, () => spawnOn(socket, id, plan)))
}

function spawnOn(socket, id, plan) {
  const entry = children.get(id)
  if (entry === undefined) return
  if (entry.killed) {
    socket.destroy()
    return ended(id, null, 'SIGKILL', '')
  }
  let seccomp = null
  try {
    // Opened anew for each: a shared descriptor shares its offset, and the second reader would find the end.
    if (plan.seccompFile !== null) seccomp = openSync(plan.seccompFile, 'r')
    const child = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      // A group of its own, so that one signal reaches everything in it.
      detached: true,
      stdio: [socket, socket, 'pipe', ...(seccomp === null ? [] : [seccomp])],
    })
    entry.pid = child.pid ?? null
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      if (stderr.length < STDERR_KEPT) stderr += chunk.toString('latin1').slice(0, STDERR_KEPT)
    })
    child.on('error', (error) => ended(id, null, null, error.message))
    child.on('exit', (code, signal) => ended(id, code, signal, stderr))
    if (entry.pid !== null) tell({ type: 'started', id, pid: entry.pid })
  } catch (error) {
    ended(id, null, null, error.message)
  } finally {
    if (seccomp !== null) closeSync(seccomp)
    // The guest has its own copy of the connection.
    socket.destroy()
  }
}

function ended(id, code, signal, stderr) {
  if (children.delete(id)) tell({ type: 'ended', id, code, signal, stderr })
}

function kill(id) {
  const entry = children.get(id)
  if (entry === undefined) return
  entry.killed = true
  if (entry.pid === null) return
  try {
    process.kill(-entry.pid, 'SIGKILL')
  } catch {
    // It has just ended; its exit is reported.
  }
}

function tell(message) {
  if (process.connected) process.send(message)
}

process.on('message', (message) => {
  if (message.type === 'launch') launch(message)
  else if (message.type === 'kill') kill(message.id)
})
// The supervisor is gone, however it went: nothing may outlive it.
process.on('disconnect', () => {
  for (const id of children.keys()) kill(id)
  process.exit(0)
})
// Ctrl-C reaches the whole foreground group; the supervisor decides when the sandboxes end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
