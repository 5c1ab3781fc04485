import type { Attack } from '../attack.ts'
import { artifactAttacks } from './artifacts.ts'
import { chargeAttacks } from './charges.ts'
import { egressAttacks } from './egress.ts'
import { factAttacks } from './facts.ts'
import { fileAttacks } from './files.ts'
import { frameAttacks } from './frames.ts'
import { importAttacks } from './imports.ts'
import { leftoverAttacks } from './leftovers.ts'
import { memoryAttacks } from './memory.ts'
import { nativeAttacks } from './native.ts'
import { networkAttacks } from './network.ts'
import { processAttacks } from './processes.ts'
import { secretAttacks } from './secrets.ts'
import { timeAttacks } from './time.ts'
import { uploadAttacks } from './uploads.ts'

export const attacks: readonly Attack[] = [
  ...timeAttacks,
  ...memoryAttacks,
  ...frameAttacks,
  ...leftoverAttacks,
  ...fileAttacks,
  ...factAttacks,
  ...importAttacks,
  ...processAttacks,
  ...networkAttacks,
  ...nativeAttacks,
  ...egressAttacks,
  ...secretAttacks,
  ...chargeAttacks,
  ...artifactAttacks,
  ...uploadAttacks,
]
