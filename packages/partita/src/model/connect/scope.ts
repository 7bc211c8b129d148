/** Scopes: whose rows are seen, who acts, what is remembered and metered while something runs. */
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

export interface ScopeState {
  readonly tenant: string | undefined
  readonly actor: unknown
  /** What stands before the tenant's partition keys. */
  readonly prefix: string
  readonly loader: Loader | undefined
  /** When its calls of the store end; undefined where nothing was said. */
  readonly limits: CallOptions | undefined
  /** The transaction whose view of the table this is. */
  readonly overlay: Overlay | undefined
  readonly capacity: { read: number; write: number }
  /** The scope that this one is within, whose meter runs as well. */
  readonly parent: ScopeState | undefined
}

export function rootScope(): ScopeState {
  return {
    tenant: undefined,
    actor: undefined,
    prefix: '',
    loader: undefined,
    limits: undefined,
    overlay: undefined,
    capacity: { read: 0, write: 0 },
    parent: undefined,
  }
}

/**
 * A scope within another, of which it keeps what it does not say itself.
 * @throws ValidationError for a tenant that is undefined or empty: it would quietly be none.
 */
export function scopeWithin(parent: ScopeState, options: ScopeOptions, newLoader: () => Loader): ScopeState {
  checkOptions(options, ['tenant', 'actor', 'loader', 'signal', 'deadline'])
  const { tenant } = options
  if ('tenant' in options && (typeof tenant !== 'string' || tenant === '' || utf8Length(tenant) === undefined)) {
    throw invalid(
      ['tenant'],
      `is ${valueText(tenant)}; a tenant has a name of whole characters, and a scope without one leaves it out`,
    )
  }
  const isOther = tenant !== undefined && tenant !== parent.tenant
  return {
    tenant: tenant ?? parent.tenant,
    actor: 'actor' in options ? options.actor : parent.actor,
    prefix: isOther ? tenantPrefix(tenant) : parent.prefix,
    loader: loaderOf(parent, options, isOther, newLoader),
    limits: limitsWithin(parent.limits, options),
    overlay: parent.overlay,
    capacity: { read: 0, write: 0 },
    parent,
  }
}

/** Either signal ends the calls of a scope within another, and its own deadline replaces the outer one. */
function limitsWithin(outer: CallOptions | undefined, { signal, deadline }: ScopeOptions): CallOptions | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid(['signal'], 'is no AbortSignal')
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline > 0)) {
    throw invalid(['deadline'], `is ${valueText(deadline)}; it is a number of milliseconds over 0`)
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

/** What is read for one tenant is batched and remembered apart from what is for another. */
function loaderOf(parent: ScopeState, options: ScopeOptions, isOther: boolean, newLoader: () => Loader) {
  if (options.loader ?? (isOther && parent.loader)) return newLoader()
  return options.loader === false ? undefined : parent.loader
}

/** The same scope, seen through a transaction. */
export function scopeOfTransaction(parent: ScopeState, overlay: Overlay): ScopeState {
  return { ...parent, loader: undefined, overlay, capacity: { read: 0, write: 0 }, parent }
}

export function meter(scope: ScopeState, { read, write }: Capacity): void {
  for (let at: ScopeState | undefined = scope; at; at = at.parent) {
    at.capacity.read += read
    at.capacity.write += write
  }
}

/** @throws PartitaError `TenantRequired` */
export function checkTenant(scope: ScopeState, required: boolean): void {
  if (!required || scope.tenant !== undefined) return
  throw new PartitaError(
    'TenantRequired',
    'This database is used within a tenant alone; run the call in db.run({ tenant }, ...) or on db.scope({ tenant })',
    {},
  )
}

/**
 * Only the transaction's own view is used while its function runs. Other reads are not guarded at the end, and other
 * writes are done at once: again with each run of the function, and also where the transaction fails.
 * @throws ValidationError naming `tx`.
 */
export function checkView({ db, scope, model }: CallContext): void {
  const running = db.transactions.current
  if (!running || running.closed || running === scope.overlay) return
  const what = model ? `${model.name} was used` : 'The database was used'
  throw invalid(
    [],
    `${what} past the transaction whose function is running; read and write through tx, and records that tx gave, or ` +
      'call db.outside(() => ...) for what is meant to be no part of it',
  )
}
