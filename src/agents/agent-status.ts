export const agentStatuses = ['draft', 'in_review', 'active', 'inactive', 'suspended'] as const
export type AgentStatus = (typeof agentStatuses)[number]

export const agentEvents = ['version_activated', 'activate', 'deactivate', 'suspend', 'reinstate'] as const
export type AgentEvent = (typeof agentEvents)[number]

/** The only place that decides a transition of an agent. Total: every status meets every event.
 * @returns the next status, which may be the same, or null where the event is not allowed */
export function nextAgentStatus(status: AgentStatus, event: AgentEvent): AgentStatus | null {
  switch (event) {
    case 'version_activated':
      // A new version goes live only where the agent is; one that was taken out stays out until its owner says so.
      return status === 'draft' ? 'active' : status
    case 'activate':
      return status === 'active' || status === 'inactive' ? 'active' : null
    case 'deactivate':
      return status === 'active' || status === 'inactive' ? 'inactive' : null
    case 'suspend':
      return 'suspended'
    case 'reinstate':
      // Back to inactive: its owner decides when it runs again.
      return status === 'suspended' ? 'inactive' : null
  }
}
