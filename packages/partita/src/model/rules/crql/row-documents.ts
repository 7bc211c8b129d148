/** The stored rows of models, as documents that queries run over. */
import type { QuerySource } from '../../../crql/run.js'
import { valuesAt } from '../../../crql/values.js'
import type { Item, Value } from '../../../value/value.js'
import type { FieldSpec } from '../../define/field.js'
import type { ExplainedHop } from '../../types/explanation.js'
import { valueIdentity } from '../value-identity.js'
import type { CompiledMatch } from './compile.js'
import { convert } from './document-path.js'
import type { RowFinder } from './lookups.js'

/** Receives the hops of a query as they run. */
export type Trace = (hop: ExplainedHop) => void

/** Rows that are found by the given lookups, and whose values are in their stored form. */
export function rowDocuments(lookups: RowFinder, trace?: Trace): QuerySource<Item, Value, FieldSpec, CompiledMatch> {
  return {
    read: (row, { steps }) => valuesAt<Value>(row, steps).map(({ value }) => value),
    convert,
    identity: valueIdentity,
    find: (match, values, { source, counts }) =>
      lookups.find(match, values, { counts, isGuarded: source?.guard, trace }),
  }
}
