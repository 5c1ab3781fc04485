export const deploymentStatuses = [
  'pending',
  'building',
  'testing',
  'canary',
  'active',
  'failed',
  'superseded',
  'rolled_back',
  'stopped',
] as const
export type DeploymentStatus = (typeof deploymentStatuses)[number]

export const deploymentEvents = [
  'build_started',
  'build_finished',
  'tests_passed',
  'newer_is_active',
  'failed',
  'rolled_back',
  'stopped',
] as const
export type DeploymentEvent = (typeof deploymentEvents)[number]

/** The only place that decides a transition of a deployment. Total: every status meets every event.
 * @returns the next status, which may be the same because a job is delivered again, or null where the event is refused */
export function nextDeploymentStatus(status: DeploymentStatus, event: DeploymentEvent): DeploymentStatus | null {
  switch (status) {
    case 'pending':
    case 'building':
    case 'testing':
      return nextOnTheWay(status, event)
    case 'canary':
      return event === 'tests_passed' ? 'active' : endOf(event)
    case 'active':
      if (event === 'newer_is_active') return 'superseded'
      return event === 'failed' ? null : endOf(event)
    case 'superseded':
    case 'rolled_back':
    case 'stopped':
    case 'failed':
      return null
  }
}

function nextOnTheWay(status: 'pending' | 'building' | 'testing', event: DeploymentEvent): DeploymentStatus | null {
  switch (event) {
    case 'build_started':
      // Again after a crash, from wherever it was: the build is the same.
      return 'building'
    case 'build_finished':
      return status === 'building' ? 'testing' : null
    case 'tests_passed':
      return status === 'testing' ? 'active' : null
    case 'newer_is_active':
      // A newer upload overtook this one: it must not take its place.
      return status === 'testing' ? 'superseded' : null
    default:
      return endOf(event)
  }
}

function endOf(event: DeploymentEvent): DeploymentStatus | null {
  if (event === 'failed') return 'failed'
  if (event === 'stopped') return 'stopped'
  return event === 'rolled_back' ? 'rolled_back' : null
}
