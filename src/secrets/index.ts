export { openSecrets, type OpenSecretsDeps } from './open-secrets.ts'
export { secretsErrors } from './secrets.errors.ts'
export { secretsRoutes } from './secrets.routes.ts'
export { setSecret, type SecretsDeps } from './set-secret.ts'
