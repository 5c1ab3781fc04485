import { createId } from '@paralleldrive/cuid2'
import { v7 } from 'uuid'

/** A collision-resistant id for agents and the like, as Prisma's `cuid()` default would make. */
export const newCuid = (): string => createId()

/** A time-ordered id for rows of partitioned tables (RFC 9562, version 7), so that a lookup by id touches one partition. */
export const newUuidV7 = (): string => v7()
