/** The tenant of the code that runs: that of the surrounding `runWithTenant`, of the process, or of a resolver. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { invalid, valueText } from '../errors/errors.js'

/** Returns the tenant of the code that runs, such as that of the request; null or undefined without one. */
export type TenantResolver = () => string | null | undefined

/** The tenant of a `runWithTenant`, which `setCurrentTenant` can change. */
interface Running {
  tenant: string | undefined
  /** Whether no other tenant stands in for a missing one. */
  readonly isFixed?: true
}

const running = new AsyncLocalStorage<Running>()
let ofProcess: string | undefined
let resolvers: readonly TenantResolver[] = []

/** Sets and finds the tenant of the code that runs. Tenants never see rows of each other. */
export const TenantContext = {
  /** Runs a function as a tenant, with everything that it calls or awaits. Concurrent runs do not affect each other. */
  runWithTenant<T>(tenant: string, run: () => T): T {
    checkTenantId(tenant)
    if (typeof run !== 'function') throw invalid([], `runWithTenant takes a function, not ${valueText(run)}`)
    return running.run({ tenant }, run)
  },

  /** The same as `runWithTenant`. */
  withTenant<T>(tenant: string, run: () => T): T {
    return TenantContext.runWithTenant(tenant, run)
  },

  /**
   * The tenant: of the surrounding `runWithTenant`, else of `setCurrentTenant`, else of the first resolver that returns one;
   * else null.
   *
   * @throws ValidationError if a resolver returns anything but a non-empty text, null or undefined.
   */
  getCurrentTenant(): string | null {
    const current = running.getStore()
    if (current?.isFixed) return current.tenant ?? null
    const tenant = current?.tenant ?? ofProcess
    if (tenant !== undefined) return tenant
    for (const resolver of resolvers) {
      const resolved = resolver()
      if (resolved === null || resolved === undefined) continue
      checkTenantId(resolved)
      return resolved
    }
    return null
  },

  /**
   * Changes the tenant of the surrounding `runWithTenant`. Outside one, sets the tenant of the whole process, for programs
   * that serve one tenant; a server uses `runWithTenant`.
   *
   * @throws ValidationError if another tenant is already set for the process, since its calls may still be running.
   */
  setCurrentTenant(tenant: string): void {
    checkTenantId(tenant)
    const current = running.getStore()
    if (current) current.tenant = tenant
    else if (ofProcess === undefined || ofProcess === tenant) ofProcess = tenant
    else {
      throw invalid(
        [],
        `The tenant of the process is ${ofProcess}; use runWithTenant for several tenants, or call clearTenant first`,
      )
    }
  },

  /** Adds a function that finds the tenant where no other is set. */
  addResolver(resolver: TenantResolver): void {
    if (typeof resolver !== 'function') throw invalid([], `addResolver takes a function, not ${valueText(resolver)}`)
    resolvers = [...resolvers, resolver]
  },

  /** Unsets the tenant of the surrounding `runWithTenant`, or that of the process. */
  clearTenant(): void {
    const current = running.getStore()
    if (current) current.tenant = undefined
    else ofProcess = undefined
  },

  /** Removes all resolvers. */
  clearResolvers(): void {
    resolvers = []
  },

  /** Unsets the tenant and removes all resolvers. */
  reset(): void {
    TenantContext.clearTenant()
    TenantContext.clearResolvers()
  },

  /** @throws ValidationError if the configuration enables tenancy and there is no tenant. */
  validateTenantRequired(config: { readonly tenancy?: { readonly enabled?: boolean } }): void {
    if (config.tenancy?.enabled && TenantContext.getCurrentTenant() === null) {
      throw invalid(['tenancy'], 'is enabled, and there is no tenant; call within TenantContext.runWithTenant')
    }
  },
}

/** Runs a function as the tenant of a record, or as none, whatever the tenant of the surrounding code is. */
export function runAs<T>(tenant: string | undefined, run: () => T): T {
  return running.run({ tenant, isFixed: true }, run)
}

/** @throws ValidationError unless it is a non-empty text. */
function checkTenantId(tenant: unknown): asserts tenant is string {
  if (typeof tenant === 'string' && tenant !== '') return
  throw invalid(['tenant'], `is ${valueText(tenant)}; a tenant is a non-empty text`)
}
