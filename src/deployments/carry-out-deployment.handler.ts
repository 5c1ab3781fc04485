export { carryOutDeployment as handle } from './carry-out-deployment.ts'
