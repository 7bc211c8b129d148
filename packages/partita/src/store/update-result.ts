/** The results of writes, for engines that evaluate updates themselves. */
import { invalid } from '../errors/errors.js'
import type { Update } from '../expression/ast.js'
import { applyUpdate, updatedAttributes } from '../expression/evaluate/index.js'
import { measureItem } from '../value/size.js'
import { equalValues, type Item, type Value } from '../value/value.js'
import { keyNames, type TableDefinition } from './definition.js'
import { checkIndexKeys } from './index-key.js'
import type { WriteRequest } from './store.js'

/** An item with its size in bytes as DynamoDB counts it. */
export interface SizedItem {
  readonly item: Item
  readonly size: number
}

/**
 * The item after an update; undefined if the update does not create it.
 * @param key the key attributes, of which a new item consists before the update.
 * @throws ValidationError, LimitExceededError if the update cannot be applied, or its result cannot be stored.
 */
export function updateResult(
  definition: TableDefinition,
  update: Update,
  key: Readonly<Item>,
  before: Item | undefined,
): SizedItem | undefined {
  if (!before && onlyRemoves(update)) return undefined
  const item = applyUpdate(update, before ?? key)
  for (const name of keyNames(definition.key)) {
    if (!Object.hasOwn(item, name) || !equalValues(item[name] as Value, key[name] as Value)) {
      throw invalid([name], 'is part of the key and cannot be updated; delete the item and put a new one')
    }
  }
  checkIndexKeys(definition, item)
  return { item, size: measureItem(item) }
}

/**
 * Whether an update has REMOVE and DELETE actions only. DynamoDB does not create a missing item for those. An update without
 * any action creates it.
 */
function onlyRemoves({ set, add, remove, delete: removed }: Update): boolean {
  return set.length === 0 && add.length === 0 && remove.length + removed.length > 0
}

/** The item or attributes that a write returns, from the item before and after it. */
export function returnedItem(
  request: WriteRequest,
  before: Item | undefined,
  after: Item | undefined,
): Item | undefined {
  const returns = 'returns' in request ? request.returns : undefined
  switch (returns) {
    case 'old':
      return before
    case 'new':
      return after
    case 'updatedOld':
    case 'updatedNew': {
      const source = returns === 'updatedOld' ? before : after
      return source && request.kind === 'update' ? updatedAttributes(request.update, source) : undefined
    }
    default:
      return undefined
  }
}
