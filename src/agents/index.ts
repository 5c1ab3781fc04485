export { createAgentCache, type AgentCache, type AgentCacheDeps } from './agent-cache.ts'
export { agentStatuses, nextAgentStatus, type AgentStatus } from './agent-status.ts'
export { agentsErrors } from './agents.errors.ts'
export { agentsOptions } from './agents.options.ts'
export type { AgentVisibility } from './agents.queries.ts'
export { agentsRoutes, type AgentRoutesDeps } from './agents.routes.ts'
export {
  agentListItem,
  bareManifest,
  guestManifest,
  storeManifest,
  type AgentExample,
  type AgentManifest,
  type SecretDeclaration,
  type GuestManifest,
  type JsonSchema,
} from './agents.schema.ts'
export { getRunnableAgent, isVisible, type AgentDeps, type RunnableAgent } from './get-runnable-agent.ts'
export { parseRetain } from './parse-retain.ts'
export { compileSchema, MAX_INLINE_FILE_BYTES, type FieldProblem, type SchemaValidator } from './validators.ts'
export { createConsents, type Consents } from './consent/consents.ts'
export { activateAgent, deactivateAgent } from './set-agent-status.ts'
export { setAgentTrial } from './set-agent-trial.ts'
export { getAgent, presentAgent, presentAgentTo, secretsOf } from './get-agent.ts'
export { reportsRoutes } from './reports/reports.routes.ts'
export { listAgents, presentListedAgent } from './list-agents.ts'
export type { CatalogueQuery } from './list-agents.ts'
export type { AgentLanguage } from './manifest-words.ts'
export { quoteAgent } from './quote-agent.ts'
