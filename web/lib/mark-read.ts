import { api, ask } from './api.ts'
import { NEWS } from './news.ts'

/** Takes these as read, or all. */
export async function markRead(ids?: readonly string[]): Promise<void> {
  const answer = await ask(api.POST('/api/notifications/read', { body: ids === undefined ? {} : { ids: [...ids] } }))
  if (answer.ok) window.dispatchEvent(new Event(NEWS))
}
