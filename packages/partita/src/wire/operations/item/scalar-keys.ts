/** Key attributes are scalars, so expressions cannot address parts of them. */
import { pathsOf } from '../../../expression/path/walk.js'
import { keyNames, type TableDefinition } from '../../../store/definition.js'
import { validation } from '../../protocol/aws-error.js'

/**
 * @param nodes conditions, updates and projections; undefined ones are skipped.
 * @throws AwsError for a path into a key attribute of the table or of one of its indexes.
 */
export function checkScalarKeys(definition: TableDefinition, ...nodes: readonly unknown[]): void {
  const nested = pathsOf(nodes).filter(({ length }) => length > 1)
  if (nested.length === 0) return
  const keys = new Set(keyNames(definition.key))
  const indexes = [definition.globalIndexes, definition.localIndexes].flatMap(it => Object.values(it ?? {}))
  const indexKeys = new Set(indexes.flatMap(keyNames))
  for (const [name] of nested) {
    if (!keys.has(name) && !indexKeys.has(name)) continue
    throw validation(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${keys.has(name) ? 'Key' : 'IndexKey'}: ${name}`,
    )
  }
}
