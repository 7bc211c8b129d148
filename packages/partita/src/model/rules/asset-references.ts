/**
 * Assets that a write adds to a row: the upload is complete, the field takes it, and it is young enough. References that the
 * row already has stay valid, also if the field's limits have changed since. `assets/sweep.ts` says what this guarantees.
 */
import { RuleViolationError, type Violation } from '../../errors/errors.js'
import { uploadTime } from '../../store/asset-store.js'
import type { Item } from '../../value/value.js'
import { assetStoreOf } from '../assets/configured.js'
import { assetsIn, type FoundAsset } from '../assets/fields.js'
import { FRESH } from '../assets/sweep.js'
import { sizesFor } from '../define/asset-rules.js'
import { KINDS } from '../define/field-kinds.js'
import { rowDetails } from '../rows/row-details.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import type { Asset } from '../types/assets.js'
import { outside } from './visibility.js'

/** Checks the assets that a write adds, and requires of the commit that they are still young enough when it is sent. */
export async function assetViolations(
  context: RowContext,
  before: Item | undefined,
  after: Item,
): Promise<Violation[]> {
  const { model, scope } = context
  const kept = new Set(before ? assetsIn(model, before).map(identityOf) : [])
  const added = assetsIn(model, after).filter(found => !kept.has(identityOf(found)))
  if (added.length === 0) return []
  const violations = await Promise.all(added.map(found => outside(context, () => violationOf(context, found))))
  scope.overlay?.finalChecks.push(() => {
    const stale = added.filter(found => isStale(context, assetOf(found)))
    if (stale.length === 0) return
    const details = rowDetails(model, keyOf(model, after))
    throw new RuleViolationError({ ...details, violations: stale.map(found => staleness(found)) })
  })
  return violations.filter(violation => violation !== undefined)
}

async function violationOf({ db }: RowContext, found: FoundAsset): Promise<Violation | undefined> {
  const asset = assetOf(found)
  const rules = found.spec.asset
  const sizes = rules && sizesFor(rules, asset.type)
  if (!sizes) return violation(found, `has the type ${asset.type}, which the field does not take`)
  if (asset.size < sizes.min || asset.size > sizes.max) {
    return violation(found, `has ${asset.size} bytes; the field takes ${sizes.min} to ${sizes.max}`)
  }
  const entry = await assetStoreOf(db).find(asset.id)
  // The hash in an id is the one that was computed by the store.
  const isOther = entry?.size !== asset.size || (asset.id.length > 64 && !asset.id.startsWith(asset.sha256))
  if (isOther) return violation(found, 'is not an upload of the asset store; use the value that upload returned')
  return isStale({ db }, asset) ? staleness(found) : undefined
}

function isStale({ db }: Pick<RowContext, 'db'>, { id }: Asset): boolean {
  return db.sources.now() - (uploadTime(id) ?? 0) >= FRESH
}

function staleness(found: FoundAsset): Violation {
  return violation(found, `was uploaded more than ${FRESH / 3_600_000} hours ago; upload it again`)
}

function violation(found: FoundAsset, message: string): Violation {
  return { rule: 'assets', path: found.path, message, value: assetOf(found) }
}

/** All but the name, which a program may change. */
function identityOf(found: FoundAsset): string {
  const { id, type, size, sha256 } = assetOf(found)
  return JSON.stringify([id, type, size, sha256])
}

function assetOf({ spec, stored }: FoundAsset): Asset {
  return KINDS.asset.decode(spec)(stored) as Asset
}
