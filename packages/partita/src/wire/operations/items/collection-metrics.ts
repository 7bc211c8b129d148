/** ItemCollectionMetrics: of tables with local indexes, how large the written partition is about. */
import type { KnownTable } from '../../../embedded/catalog.js'
import type { WriteRequest } from '../../../store/store.js'
import type { Value } from '../../../value/value.js'
import { writeValue } from '../../attributes.js'

/** AWS estimates in gigabytes; here a partition is under one. */
const ESTIMATE = [0, 1]

/** Undefined for a table without local indexes, which has no item collections. */
export function collectionMetrics({ definition }: KnownTable, request: WriteRequest): object | undefined {
  if (Object.keys(definition.localIndexes ?? {}).length === 0) return undefined
  const { name } = definition.key.partition
  const value = (request.kind === 'put' ? request.item : request.key)[name] as Value
  return { ItemCollectionKey: { [name]: writeValue(value) }, SizeEstimateRangeGB: ESTIMATE }
}
