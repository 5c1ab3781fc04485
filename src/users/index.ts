export { createApiKey, listApiKeys, presentKey, revokeApiKey, type ApiKeyDeps } from './api-keys.ts'
export { recordAudit, type AuditAction, type AuditEvent, type Origin } from './audit.ts'
export { createKeyVerifier, type KeyVerifier, type KeyVerifierDeps } from './authenticate-api-key.ts'
export { createAuthentication } from './authentication.ts'
export { authorize, type Subject } from './authorize.ts'
export { createAccount, createUser, createUserIn, slugOf, type NewUser } from './create-user.ts'
export {
  PERMISSIONS,
  permissionsOf,
  systemPrincipal,
  type MemberRole,
  type Permission,
  type Principal,
} from './principal.ts'
export { hashSecret } from './keys.ts'
export { createSetupLink, isSetupLinkOpen, redeemSetupLink } from './setup-links.ts'
export { setupRoutes } from './setup.routes.ts'
export { usersErrors } from './users.errors.ts'
export { usersRoutes } from './users.routes.ts'
