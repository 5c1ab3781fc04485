import type { Passage, PostgresProxy, ProxyHook, ProxyMessage } from './postgres-proxy.ts'

/** A place in a run's conversation with PostgreSQL, named by what passes there and not by a number, so that a heartbeat
 * in between moves nothing: `frontend Execute runs.admit_one #1`. */
export type Place = string
export type KillPoint = { readonly place: Place; readonly when: 'before' | 'after' }

/** What passes while a run is under way, but is not of the run. */
const BACKGROUND =
  /^$|^(begin|commit|rollback|select 1)$|^runs\.(renew_lease|end_lease|reap|forget_dead)$|^users\.note_key_use$/i

/** Names every message of a run in order; null for the others. */
function createNamer(): (message: ProxyMessage) => Place | null {
  const counts = new Map<string, number>()
  return ({ from, type, statement }) => {
    if (BACKGROUND.test(statement)) return null
    const name = `${from} ${type} ${statement.replaceAll(/\s+/g, ' ').trim().slice(0, 60)}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return `${name} #${count}`
  }
}

/** Writes down the places of whatever passes from now on. */
export function recordPlaces(proxy: PostgresProxy): { readonly places: Place[]; stop(): void } {
  const places: Place[] = []
  const nameOf = createNamer()
  proxy.watch({
    before(message) {
      const place = nameOf(message)
      if (place !== null) places.push(place)
      return 'forward'
    },
  })
  return { places, stop: () => proxy.watch(undefined) }
}

/** How long a server may go on after it was given the message it is to die after. Nothing it says in that time is heard:
 * it has acted on the message, and what it did next was lost with it. */
const LAST_BREATH_MS = 5

/** Kills a process when the run's conversation reaches a point.
 *
 * What the server sends: `before` N = N and everything behind it is lost; `after` N = PostgreSQL gets N, the server
 * never learns. What PostgreSQL sends: `before` N = the server dies without it; `after` N = it gets N, acts on it, and
 * dies before anything it says from then on is heard.
 * @returns whether the point was reached, to be asked when the process is gone */
export function killAt(proxy: PostgresProxy, point: KillPoint, kill: () => void): { wasReached(): boolean } {
  let reached = false
  const nameOf = createNamer()
  const isHere = (message: ProxyMessage): boolean => nameOf(message) === point.place && !reached

  const dieNow = (message: ProxyMessage): Passage => {
    if (!isHere(message)) return 'forward'
    reached = true
    kill()
    return 'cut'
  }
  const dieSoon = (message: ProxyMessage): Passage => {
    if (message.from === 'frontend') return dieNow(message)
    if (!isHere(message)) return 'forward'
    reached = true
    proxy.freeze()
    setTimeout(kill, LAST_BREATH_MS)
    return 'forward'
  }
  const hook: ProxyHook = point.when === 'before' ? { before: dieNow } : { after: dieSoon }
  proxy.watch(hook)
  return { wasReached: () => reached }
}
