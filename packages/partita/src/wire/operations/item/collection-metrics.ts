/** ItemCollectionMetrics: the estimated size of the written partition, for tables with local indexes. */
import type { KnownTable } from '../../../embedded/catalog.js'
import type { PutRequest } from '../../../store/store.js'
import type { Key, Value } from '../../../value/value.js'
import { writeValue } from '../../protocol/attribute-value.js'

/** AWS gives a range in gigabytes; this server always answers that of a partition below 1 GB. */
const ESTIMATE = [0, 1]

/** Undefined for a table without local indexes, since it has no item collections. */
export function collectionMetrics(
  { definition }: KnownTable,
  request: Pick<PutRequest, 'kind' | 'item'> | { readonly kind: string; readonly key: Key },
): object | undefined {
  if (Object.keys(definition.localIndexes ?? {}).length === 0) return undefined
  const { name } = definition.key.partition
  const value = ('item' in request ? request.item : request.key)[name] as Value
  return { ItemCollectionKey: { [name]: writeValue(value) }, SizeEstimateRangeGB: ESTIMATE }
}
