/** The table or index that a SELECT reads, and the limits of an index. */
import type { Condition } from '../../expression/ast.js'
import { pathsOf } from '../../expression/path/walk.js'
import { partitionAttributes, sortAttributes } from '../../store/definition.js'
import type { Wire } from '../dispatch.js'
import { type Source, sourceOf } from '../operations/item/source.js'
import { invalidValues, validation } from '../protocol/aws-error.js'
import { tableName } from '../protocol/table-name.js'
import { conjuncts, equalityOf } from './key.js'
import type { SelectStatement } from './statement.js'
import { namedTable } from './table.js'

type Named = Pick<SelectStatement, 'table' | 'index'>

/** @throws AwsError if the index has a key of several attributes. This error precedes all others. */
export function refuseSeveralAttributes(wire: Wire, { table, index }: Named): void {
  if (index === undefined) return
  const { globalIndexes = {} } = wire.store.table(tableName(wire, table))?.definition ?? {}
  const schema = Object.hasOwn(globalIndexes, index) ? globalIndexes[index] : undefined
  if (!schema || (partitionAttributes(schema).length <= 1 && sortAttributes(schema).length <= 1)) return
  throw validation(
    'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.',
  )
}

/** @throws AwsError if the index does not exist. Unlike the error of Query, it does not name the index. */
export function selectSource(wire: Wire, { table, index }: Named): Source {
  const known = namedTable(wire, table)
  if (index === undefined) return sourceOf(known, {})
  const { globalIndexes = {}, localIndexes = {} } = known.definition
  if (!Object.hasOwn(globalIndexes, index) && !Object.hasOwn(localIndexes, index)) {
    throw validation('The table does not have the specified index')
  }
  return sourceOf(known, { IndexName: index })
}

/**
 * A query of an index cannot filter by attributes that the index does not hold. In a scan of it, those attributes are
 * missing.
 *
 * @throws AwsError
 */
export function checkProjected({ index, schema, projected }: Source, where: Condition | undefined): void {
  if (!projected) return
  const { name } = schema.partition
  const parts = conjuncts(where)
  if (!parts.some(part => equalityOf(part)?.name === name || isIn(part, name))) return
  const absent = new Set(
    pathsOf(where)
      .map(([first]) => first)
      .filter(it => !projected.has(it)),
  )
  if (absent.size === 0) return
  throw invalidValues(
    `Secondary index ${index} does not project one or more filter attributes: [${[...absent].join(', ')}]`,
  )
}

function isIn(condition: Condition, name: string): boolean {
  if (condition.kind !== 'in' || condition.operand.kind !== 'path') return false
  return condition.operand.path.length === 1 && condition.operand.path[0] === name
}
