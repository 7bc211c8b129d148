/** Whose a stored row is: the tenant's prefix of its partition key. */
import { tenantPrefix } from '../compiled.js'

/** The prefix, or nothing where the row is of no tenant. */
export function prefixOf(pk: unknown): string {
  return tenantPrefix(tenantOf(pk))
}

/** The tenant whose prefix a partition key has. */
export function tenantOf(pk: unknown): string | undefined {
  const [, tenant] = (typeof pk === 'string' && /^T#([^#]+)#/.exec(pk)) || []
  try {
    return tenant && decodeURIComponent(tenant)
  } catch {
    // No tenant's name is written so.
    return undefined
  }
}
