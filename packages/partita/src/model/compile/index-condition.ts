/** The condition of an index of some rows: what it asks must be known whenever a row is written. */
import { type IssuePath, invalid, valueText } from '../../errors/errors.js'
import type { Condition, Path } from '../../expression/ast.js'
import { compileFilter, type Filter } from '../../expression/filter/compile.js'
import { within } from '../../store/options.js'
import type { Value } from '../../value/value.js'
import type { FieldSpec } from '../define/field.js'
import { canBeInKeys } from '../define/field-kinds.js'
import type { CompiledModel } from './compiled-model.js'
import { compileWhere, operandOf } from './condition.js'

/**
 * The condition of the rows that are in an index; undefined for an index of all rows.
 * @throws ValidationError as `compileWhere`, for an empty filter, and for fields that no index can follow.
 */
export function compileWhen(model: CompiledModel, when: unknown, at: IssuePath): Condition | undefined {
  if (when === undefined) return undefined
  within(at, () =>
    compileFilter(when as Filter, (path, here) => {
      const spec = conditionField(model, path, here)
      return { path, operand: (input, operator, inner) => operandFor(spec, input, operator, inner) }
    }),
  )
  const condition = compileWhere(model, when, at)
  if (!condition) throw invalid(at, 'is empty; omit it for an index of all rows')
  return condition
}

function conditionField(model: CompiledModel, [name, ...inside]: Path, at: IssuePath): FieldSpec {
  const { spec } = model.field(name, at)
  const fit = 'name fields that hold text, numbers, booleans or dates'
  if (inside.length > 0) throw invalid(at, `is inside ${name}; ${fit}`)
  if (!canBeInKeys(spec)) throw invalid(at, `is a ${spec.kind}; ${fit}`)
  // A transform may encode one value in many ways.
  if (spec.transform) throw invalid(at, `has a transform, so its stored form cannot be compared; ${fit}`)
  return spec
}

/** A value that an enum does not have would make an index without rows. */
function operandFor(spec: FieldSpec, input: unknown, operator: string, at: IssuePath): Value {
  const isPart = ['$beginsWith', '$contains', '$size'].includes(operator)
  if (spec.kind === 'enum' && !isPart && !spec.values?.some(it => it === input)) {
    throw invalid(at, `is ${valueText(input)}, not one of ${spec.values?.join(', ')}`)
  }
  return operandOf(spec, input, operator, at)
}
