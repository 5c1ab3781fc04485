import { brief } from '../mail/compose-mail.ts'
import { notificationData, type NotificationKind } from './notifications.schema.ts'

/** A mail of a notification, without its address. Names in it are strangers' text, escaped where the mail is made. */
export type NotificationWords = {
  readonly subject: string
  readonly text: string
  readonly action: string
  /** The page that it is about. */
  readonly path: string
}

/** @returns null for what no mail is sent of, and for facts of another time */
export function mailWords(kind: NotificationKind, data: unknown): NotificationWords | null {
  switch (kind) {
    case 'run_ended': {
      const facts = notificationData.run_ended.safeParse(data)
      if (!facts.success) return null
      const { status, charge, runId } = facts.data
      const agent = brief(facts.data.agent)
      const how = status === 'succeeded' ? 'is done' : status === 'timed_out' ? 'timed out' : 'failed'
      return {
        subject: `Your run of ${agent} ${how}`,
        text: `The run that you queued ${how}. It cost ${charge} credits.`,
        action: 'Look at the run',
        path: `/runs/${encodeURIComponent(runId)}`,
      }
    }
    case 'credits_low': {
      const facts = notificationData.credits_low.safeParse(data)
      if (!facts.success) return null
      return {
        subject: 'Your credits run low',
        text: `${facts.data.available} credits are left, and the runs of the last day cost ${facts.data.spent}. Runs are refused once there are too few.`,
        action: 'Look at your credits',
        path: '/credits',
      }
    }
    case 'agent_failing': {
      const facts = notificationData.agent_failing.safeParse(data)
      if (!facts.success) return null
      const { address, failed, runs } = facts.data
      const agent = brief(facts.data.agent)
      return {
        subject: `${agent} fails`,
        text: `${failed} of the last ${runs} runs of your agent ${agent} failed or timed out. Callers were not charged for them.`,
        action: 'Look at how they failed',
        path: `/agents/${address.split('/').map(encodeURIComponent).join('/')}/failures`,
      }
    }
    case 'new_session': {
      const facts = notificationData.new_session.safeParse(data)
      if (!facts.success) return null
      const { address, device } = facts.data
      return {
        subject: 'A new sign-in to your account',
        text: `Somebody, probably you, signed in on a device that was not used before: ${device ?? 'unknown browser'}, from ${address ?? 'an unknown address'}. If it was not you, end that session and set a new password.`,
        action: 'Look at your sessions',
        path: '/account',
      }
    }
    case 'invitation':
      return null
  }
}
