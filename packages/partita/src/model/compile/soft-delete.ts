/** Soft deletes: the row stays, with the time of the delete, and reads do not return it. */
import type { ModelDefinition } from '../define/definition.js'

/** The stored attribute with the time of a soft delete, as ISO 8601 text. */
export const DELETED_AT = 'deletedAt'

/** How the rows of a model are soft-deleted. */
export interface SoftDelete {
  /** Whether a deleted row keeps its index keys. */
  readonly keepsIndexes: boolean
  /** Whether a deleted row keeps its unique values. */
  readonly keepsUnique: boolean
  /** Seconds until a deleted row expires; undefined if it stays. */
  readonly purgeAfter: number | undefined
}

/** The soft deletes of a definition; undefined if deletes are final. */
export function softDeleteOf({ softDelete }: ModelDefinition): SoftDelete | undefined {
  if (softDelete === undefined || softDelete === false) return undefined
  const { indexes = 'keep', unique = 'free', purgeAfter } = softDelete === true ? {} : softDelete
  return { keepsIndexes: indexes === 'keep', keepsUnique: unique === 'keep', purgeAfter }
}
