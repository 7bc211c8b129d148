/** The rules of one model, compiled once. */
import type { CompiledModel } from '../compile/compiled-model.js'
import type { Hooks, Permissions } from '../types/rules.js'
import type { Audit } from './audit.js'
import type { GuardedRef } from './guarded-refs.js'
import type { Lock } from './locks.js'
import type { ReferenceRule } from './references.js'
import type { Referrer } from './referrers.js'
import type { UniqueWithin } from './unique-within.js'

/** The parent whose permissions decide. */
export interface Parent {
  readonly model: CompiledModel
  /** The name of the ref field that holds the parent's key. */
  readonly field: string
  /** The name of the parent's key field. */
  readonly keyField: string
}

/** Who may read and write: everybody, or by conditions, or whoever may do so with the parent. */
export type CompiledPermissions =
  | { readonly kind: 'http' }
  | { readonly kind: 'own'; readonly permissions: Permissions }
  | { readonly kind: 'inherited'; readonly parent: Parent }

/** The compiled rules of a model. A soft-deleted model without rules has empty ones. */
export interface ModelRules {
  readonly model: CompiledModel
  readonly permissions: CompiledPermissions
  /** Whether rows of other models inherit the permissions of its rows. */
  readonly hasHeirs: boolean
  readonly hooks: Hooks
  readonly locks: readonly Lock[]
  readonly uniqueWithin: readonly UniqueWithin[]
  /** References and limits. */
  readonly references: readonly ReferenceRule[]
  readonly refs: readonly GuardedRef[]
  /** The refs with `onDelete` that refer to the model. */
  readonly referrers: readonly Referrer[]
  /** The audit trail; undefined if writes are not recorded. */
  readonly audit: Audit | undefined
  /** Whether a field is, or contains, an asset. */
  readonly hasAssets: boolean
}
