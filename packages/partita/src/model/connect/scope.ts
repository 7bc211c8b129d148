/** Scopes: the tenant, actor, cache, limits and capacity meter of the code that runs in them. */
import { invalid, PartitaError, valueText } from '../../errors/errors.js'
import type { Capacity } from '../../store/capacity.js'
import { checkOptions } from '../../store/options.js'
import type { CallOptions } from '../../store/store.js'
import { utf8Length } from '../../value/size.js'
import { tenantPrefix } from '../compile/compiled-model.js'
import type { Loader } from '../read/loader.js'
import type { Overlay } from '../transaction/overlay.js'
import type { ScopeOptions } from '../types/database.js'
import type { CallContext } from './context.js'
import type { Recorder } from './recorder.js'

/** The state of a scope. */
export interface ScopeState {
  readonly tenant: string | undefined
  readonly actor: unknown
  /** Why the program acts for itself, so that permissions do not apply; undefined if it acts for the actor. */
  readonly system: string | undefined
  /** Whether reads return rows that are soft-deleted. */
  readonly withDeleted: boolean
  /** Whether a write of the scope is part of another write, such as one that a hook makes. */
  readonly isNested: boolean
  /** Whether reads of its transaction need not hold until the commit: those for rows that a query does not return. */
  readonly isUnguarded: boolean
  /** Prefix of the tenant's partition keys. */
  readonly prefix: string
  readonly loader: Loader | undefined
  /** Signal and deadline of its calls to the store; undefined if neither is set. */
  readonly limits: CallOptions | undefined
  /** The overlay of the transaction that the scope belongs to. */
  readonly overlay: Overlay | undefined
  /** Records the calls of a transaction that is explained. */
  readonly recorder: Recorder | undefined
  readonly capacity: { read: number; write: number }
  /** The enclosing scope, which meters the same capacity. */
  readonly parent: ScopeState | undefined
}

/** The scope of a database outside any `run` or `scope`. */
export function rootScope(): ScopeState {
  return {
    tenant: undefined,
    actor: undefined,
    system: undefined,
    withDeleted: false,
    isNested: false,
    isUnguarded: false,
    prefix: '',
    loader: undefined,
    limits: undefined,
    overlay: undefined,
    recorder: undefined,
    capacity: { read: 0, write: 0 },
    parent: undefined,
  }
}

/**
 * A scope within another, from which it inherits the options that it does not set.
 * @throws ValidationError for a tenant that is undefined or empty, which would silently mean no tenant.
 */
export function scopeWithin(parent: ScopeState, options: ScopeOptions, newLoader: () => Loader): ScopeState {
  checkOptions(options, ['tenant', 'actor', 'system', 'withDeleted', 'loader', 'signal', 'deadline'])
  const { tenant, withDeleted } = options
  if ('tenant' in options && (typeof tenant !== 'string' || tenant === '' || utf8Length(tenant) === undefined)) {
    throw invalid(
      ['tenant'],
      `is ${valueText(tenant)}; a tenant is a non-empty, well-formed string; omit it for a scope without a tenant`,
    )
  }
  const isOther = tenant !== undefined && tenant !== parent.tenant
  return {
    tenant: tenant ?? parent.tenant,
    actor: 'actor' in options ? options.actor : parent.actor,
    system: systemOf(parent, options),
    withDeleted: withDeleted ?? parent.withDeleted,
    isNested: parent.isNested,
    isUnguarded: parent.isUnguarded,
    prefix: isOther ? tenantPrefix(tenant) : parent.prefix,
    loader: loaderOf(parent, options, isOther, newLoader),
    limits: limitsWithin(parent.limits, options),
    overlay: parent.overlay,
    recorder: parent.recorder,
    capacity: { read: 0, write: 0 },
    parent,
  }
}

/** A scope that sets an actor acts for that actor, also within a system scope. */
function systemOf(parent: ScopeState, options: ScopeOptions): string | undefined {
  const { system } = options
  if (!('system' in options)) return 'actor' in options ? undefined : parent.system
  if (typeof system === 'string' && system.trim() !== '') return system
  throw invalid(
    ['system'],
    `is ${valueText(system)}; say why the program acts for itself, for example 'nightly export'`,
  )
}

/** Combines limits: the calls end when either signal is aborted; the inner deadline replaces the outer one. */
function limitsWithin(outer: CallOptions | undefined, { signal, deadline }: ScopeOptions): CallOptions | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid(['signal'], 'is not an AbortSignal')
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline > 0)) {
    throw invalid(['deadline'], `is ${valueText(deadline)}; it must be a positive number of milliseconds`)
  }
  if (signal === undefined && deadline === undefined) return outer
  const signals = [outer?.signal, signal].filter(it => it !== undefined)
  const time = deadline ?? outer?.deadline
  return {
    ...(signals.length > 0 && {
      signal: signals.length === 1 ? (signals[0] as AbortSignal) : AbortSignal.any(signals),
    }),
    ...(time !== undefined && { deadline: time }),
  }
}

/** The loader of a scope. Each tenant has a loader of its own, so that tenants never share batches or cached rows. */
function loaderOf(parent: ScopeState, options: ScopeOptions, isOther: boolean, newLoader: () => Loader) {
  if (options.loader ?? (isOther && parent.loader)) return newLoader()
  return options.loader === false ? undefined : parent.loader
}

/** The same scope within a transaction. */
export function scopeOfTransaction(parent: ScopeState, overlay: Overlay): ScopeState {
  return { ...parent, loader: undefined, overlay, capacity: { read: 0, write: 0 }, parent }
}

/** Adds capacity to a scope and to all scopes around it. */
export function meter(scope: ScopeState, { read, write }: Capacity): void {
  for (let at: ScopeState | undefined = scope; at; at = at.parent) {
    at.capacity.read += read
    at.capacity.write += write
  }
}

/** @throws PartitaError `TenantRequired` outside a tenant, if a tenant is required. */
export function checkTenant(scope: ScopeState, required: boolean): void {
  if (!required || scope.tenant !== undefined) return
  throw new PartitaError(
    'TenantRequired',
    'This database requires a tenant; run the call in db.run({ tenant }, ...) or on db.scope({ tenant })',
    {},
  )
}

/**
 * Rejects calls that bypass the transaction whose function is running. Their reads would not be guarded at commit, and
 * their writes would take effect at once, in each attempt, even if the transaction fails.
 * @throws ValidationError that refers to `tx`.
 */
export function checkView({ db, scope, model }: CallContext): void {
  const running = db.transactions.current
  if (!running || running.closed || running === scope.overlay) return
  const what = model ? `${model.name} was used` : 'The database was used'
  throw invalid(
    [],
    `${what} outside the transaction whose function is running; read and write through tx and its records, or ` +
      'use db.outside(() => ...) for calls that are not part of it',
  )
}
