export { createApiKey, listApiKeys, presentKey, revokeApiKey, type ApiKeyDeps } from './api-keys.ts'
export { recordAudit, type AuditAction, type AuditEvent, type Origin } from './audit.ts'
export { createKeyVerifier, type KeyVerifier, type KeyVerifierDeps } from './authenticate-api-key.ts'
export { createAuthentication } from './authentication.ts'
export { authorize, requireSession, type Subject } from './authorize.ts'
export { createPeople, type People, type PeopleOptions } from './create-people.ts'
export { problemsOfProviders } from './identities/auth-providers.ts'
export { identityRoutes } from './identity.routes.ts'
export { createAccount, createUser, createUserIn, slugOf, type NewUser } from './create-user.ts'
export {
  PERMISSIONS,
  permissionsOf,
  systemPrincipal,
  TRIALS_ACCOUNT_ID,
  type MemberRole,
  type Permission,
  type Principal,
} from './principal.ts'
export { hashSecret } from './keys.ts'
export { createSetupLink, isSetupLinkOpen, redeemSetupLink } from './setup-links.ts'
export { setupRoutes } from './setup.routes.ts'
export { usersErrors } from './users.errors.ts'
export { notify } from './notifications/notify.ts'
export {
  cleanUpPeopleJob,
  grantWelcomeJob,
  mailNotificationsJob,
  sendMailJob,
  type UsersJobDeps,
} from './users.jobs.ts'
export { usersOptions } from './users.options.ts'
export { usersRoutes } from './users.routes.ts'
